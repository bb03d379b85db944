/** A model whose logits are no numbers is named by whatever asks it: a question, a measurement, a run's teachers. */
import { smallDemo } from '../../../test/small-demo.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { Session } from '../../../protocol/session.ts';
import { headerLength, parseHeader } from '../../../core/safetensors/header.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import type { ModelFolder } from '../../io/contract.ts';
import { createEngine } from '../create-engine.ts';

const demo = smallDemo();
const nothing = () => undefined;
const cache = memoryFactorCache();

/** The demo, where one model's last norm, which no merge reads, begins with a NaN in float16. */
function damaged(role: 'vlm' | 'lrm'): ModelFolder {
  const folder = nodeDirectory(demo);
  return {
    ...folder,
    async open(path, signal) {
      const source = await folder.open(path, signal);
      if (!source || path !== `${role}/model.safetensors`) return source;
      const bytes = new Uint8Array(await source.read(0, source.sizeBytes));
      const begin = 8 + headerLength(bytes.subarray(0, 8), bytes.length, path);
      const { tensors } = parseHeader(bytes.subarray(0, begin), bytes.length, path);
      const norm = tensors.find(({ name }) => /\.norm\.weight$/.test(name) && !name.includes('vision'));
      if (norm?.dtype !== 'F16') throw new Error('The demo has no such norm.');
      bytes.set([0x00, 0x7e], norm.begin);
      return { ...source, read: async (from, to) => bytes.slice(from, to) };
    },
  };
}

let engine: EngineApi;
let session: Session;
async function openDamaged(role: 'vlm' | 'lrm'): Promise<void> {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder: damaged(role), file: 'manifest.json' }),
    openOutput: async (_, name) => memoryOutput(name, 2 ** 30),
    cache,
  });
  await engine.connect('wasm');
  session = await engine.open('open', { kind: 'manifest', url: demo }, nothing);
}

const ask = (): Promise<unknown> => {
  if (!session.forward.available) throw new Error('The demo can be run.');
  const { image } = session.forward.examples[0] ?? {};
  if (!image) throw new Error('The demo has examples.');
  const gates = new Float32Array(session.layout.size).fill(0.5);
  return engine.answer('a', { image, question: '2+3', lambda: 1, gates, maxTokens: 4 }, nothing);
};
const run = (second: boolean): Promise<void> =>
  engine.distill(
    'run',
    { ...session.defaults, ...(second && session.secondTeacherDefaults), steps: 1, batchSize: 2 },
    nothing,
  );

describe('a VLM', () => {
  beforeAll(() => openDamaged('vlm'));
  const said = /The logits of the VLM .*vlm are no finite numbers.*Download the weights again/;

  test('that is asked', () => expect(ask()).rejects.toThrow(said));
  test('that is measured', () =>
    expect(engine.evaluate('e', { kind: 'vlm' }, 2, nothing)).rejects.toThrow(said));
  test('that teaches', () => expect(run(false)).rejects.toThrow(said));
  test('that was merged', () =>
    expect(engine.evaluate('e', { kind: 'merged', lambda: 1, gates: 0.5 }, 2, nothing)).rejects.toThrow(
      /The logits of the merged model are no finite numbers.*Ask the VLM and the reasoning model by themselves/,
    ));
});

describe('a reasoning model', () => {
  beforeAll(() => openDamaged('lrm'));
  const said = /The logits of the reasoning model .*lrm are no finite numbers/;

  test('that is asked', () => expect(ask()).rejects.toThrow(said));
  test('that teaches', () => expect(run(true)).rejects.toThrow(said));
});
