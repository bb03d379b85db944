/** For tests of the engine: one with the demo trio open, and what it exported last. */
import { beforeAll } from 'vitest';
import type { EngineApi, ExportOptions, ExportTarget } from '../../../protocol/engine.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { RgbaImage, Session } from '../../../protocol/session.ts';
import { buffersOf } from '../../../protocol/wire.ts';
import { smallDemo } from '../../../test/small-demo.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput, type MemoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

export const demo = smallDemo();
export const cache = memoryFactorCache();
/** What was exported last. */
export let exported: MemoryOutput;
export const openOutput = async (_target: ExportTarget, name: string) =>
  (exported = memoryOutput(name, 2 ** 30));
export const archive: ExportTarget = { kind: 'archive' };
export const asOptions = async (run: DistillOptions, of: EngineApi = engine): Promise<ExportOptions> => ({
  run,
  gates: await of.gates(),
  format: { kind: 'checkpoint', maxShardBytes: null },
});
export const makeEngine = () =>
  createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput,
    cache,
  });
export const nothing = () => undefined;
export const source = { kind: 'manifest', url: demo } as const;

export let engine: EngineApi;
export let session: Session;
export const opening: OpenEvent[] = [];

beforeAll(async () => {
  engine = makeEngine();
  await engine.connect('wasm');
  // Moved, as results are at a worker's border: the engine must not need them any more.
  const moved = await engine.open('open', source, (event) => opening.push(event));
  session = structuredClone(moved, { transfer: [...buffersOf(moved)] });
});

export const openText = async (path: string): Promise<string> => {
  const stored = await nodeDirectory(demo).open(path);
  return new TextDecoder().decode(await stored?.read(0, stored.sizeBytes));
};
export const exampleImage = (): RgbaImage => {
  const image = session.forward.available ? session.forward.examples[0]?.image : undefined;
  if (!image) throw new Error('the demo has no example image');
  return image;
};
export const small = (part: Partial<DistillOptions> = {}): DistillOptions => ({
  ...session.defaults,
  steps: 4,
  batchSize: 4,
  ...part,
});
export const file = (path: string) => {
  const found = exported.files.find((candidate) => candidate.path === path);
  if (!found) throw new Error(`the export has no ${path}`);
  return found.bytes;
};
