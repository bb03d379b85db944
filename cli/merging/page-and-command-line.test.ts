/**
 * A merge by a method without gates is one and the same on the page and on the command line: what the engine
 * measures and answers with, what it exports, and what `frism merge` writes agree bit for bit, for every such
 * method of the registry.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeSettings, type MethodChoice } from '../../core/merging/choose.ts';
import { streamMethods } from '../../core/merging/methods.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { RgbaImage, Session } from '../../protocol/session.ts';
import { nodeHost } from '../../workers/backend/host.node.ts';
import { startBackend } from '../../workers/backend/start.ts';
import { createEngine } from '../../workers/engine/create-engine.ts';
import type { OpenSession } from '../../workers/engine/opening/open-session.ts';
import { openTrio } from '../../workers/engine/opening/open-trio.ts';
import { targetLinears } from '../../workers/engine/target.ts';
import { memoryFactorCache } from '../../workers/io/cache/memory-factor-cache.ts';
import { openCheckpoint } from '../../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../workers/io/folders/directory.node.ts';
import { memoryFolder } from '../../workers/io/folders/memory-folder.ts';
import { memoryOutput, type MemoryOutput } from '../../workers/io/output/memory-output.ts';
import { denseWeight } from '../../workers/nn/linear.ts';
import { main } from '../main.ts';

const demo = 'public/models/demo';
const source = { kind: 'manifest', url: demo } as const;
const nothing = () => undefined;
const cache = memoryFactorCache();
const places = { openManifest: (url: string) => ({ folder: nodeDirectory(url), file: 'manifest.json' }) };
const scratch = mkdtempSync(join(tmpdir(), 'frism-same-'));
let exported: MemoryOutput;
let engine: EngineApi;
let session: Session;
let held: OpenSession;

beforeAll(async () => {
  engine = createEngine({
    ...places,
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openOutput: async (_target, name) => (exported = memoryOutput(name, 2 ** 30)),
    cache,
  });
  await engine.connect('wasm');
  session = await engine.open('open', source, nothing);
  // The same trio as the engine holds it, to look at the very weights of a measurement.
  held = await openTrio(
    'held',
    source,
    {
      ...places,
      cache,
      workers: { spawn: null, count: 1 },
    },
    {
      onEvent: nothing,
      signal: new AbortController().signal,
    },
  );
});
afterAll(() => rmSync(scratch, { recursive: true }));

const text = (path: string): string =>
  new TextDecoder().decode(exported.files.find((file) => file.path === path)?.bytes);
const asFolder = () =>
  memoryFolder(
    'exported',
    Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes] as const)),
  );

/** `frism merge` of the same models. */
async function commandLine({ id, settings }: MethodChoice): Promise<string> {
  const out = join(scratch, id);
  let said = '';
  const code = await main(
    [
      'merge',
      ...(['base', 'vlm', 'lrm'] as const).flatMap((role) => [`--${role}`, `${demo}/${role}`]),
      ...['--method', id, '--out', out, '--quiet'],
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ],
    { stdout: nothing, stderr: (line) => (said += line), live: false },
    new AbortController().signal,
  );
  expect([code, said]).toEqual([0, '']);
  return out;
}

test.each(streamMethods.map(({ id }) => id))(
  '%s: measured, exported and merged by the command line are the same bits',
  async (id) => {
    const method = streamMethods.find((known) => known.id === id);
    if (!method) throw new Error(`${id} is no method.`);
    const choice = { id, settings: completeSettings(method, {}) };
    const report = await engine.exportMethod(
      'export',
      { method: choice, maxShardBytes: null },
      { kind: 'archive' },
      nothing,
    );
    expect(report).toMatchObject({ changed: 28, energyKept: null });
    const out = await commandLine(choice);
    const [ours, theirs] = [
      await openCheckpoint(asFolder()),
      await openCheckpoint(nodeDirectory(out, 'command line')),
    ];
    expect([...ours.tensors.keys()]).toEqual([...theirs.tensors.keys()]);
    for (const name of ours.tensors.keys())
      expect(Buffer.from(await ours.readRaw(name)).equals(await theirs.readRaw(name)), name).toBe(true);

    const signal = new AbortController().signal;
    const { linears, dispose } = await targetLinears(held, { kind: 'method', method: choice }, signal);
    for (const { id: slot, tensors } of held.facts.slots) {
      const linear = linears.get(slot);
      if (!linear) throw new Error(`${slot} has no weight.`);
      const values = await tf.tidy(() => denseWeight(linear).clone()).data<'float32'>();
      const stored = await ours.readFloat32(tensors.vlm);
      const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
        Buffer.from(buffer, byteOffset, byteLength);
      expect(bytes(values).equals(bytes(stored)), slot).toBe(true);
    }
    dispose();

    // What they say of themselves differs in nothing but names, hashes and what was measured.
    const record = JSON.parse(text('merge.json')) as Record<string, unknown>;
    const told = JSON.parse(readFileSync(join(out, 'merge.json'), 'utf8')) as Record<string, unknown>;
    expect({ ...record, inputs: null }).toEqual({ ...told, inputs: null });
    expect(record).toMatchObject({ method: id, settings: choice.settings });
    expect(JSON.parse(report.recipe)).toMatchObject({ method: id, settings: choice.settings });
    expect(text('README.md')).toContain(`merged by ${id} (`);
    expect(JSON.parse(text('studio-check.json'))).toHaveProperty('checks');
  },
);

test('a measurement is that of the exported file, stands in its record and card, and follows its settings', async () => {
  const ties: MethodChoice = { id: 'ties', settings: { density: 0.5, lambda: 1 } };
  const stages = new Set<string>();
  const scores = await engine.evaluate('measure', { kind: 'method', method: ties }, 12, ({ stage }) =>
    stages.add(stage),
  );
  expect(stages).toContain('Merging weights');
  expect(stages).not.toContain('Loading the factors');
  const image = session.forward.available ? session.forward.examples[0]?.image : undefined;
  if (!image) throw new Error('The demo has no example image.');
  const request = { image: image as RgbaImage, question: 'read', lambda: 1, gates: 0, maxTokens: 16 };
  const answers = await engine.answer('ask', { ...request, method: ties }, () => undefined);
  await engine.exportMethod('x', { method: ties, maxShardBytes: null }, { kind: 'archive' }, nothing);
  const { correct, total } = scores.perception;
  const metric = { name: 'perception', correct, total };
  expect(JSON.parse(text('merge.json'))).toMatchObject({ metrics: [metric, { name: 'reasoning' }] });
  expect(text('README.md')).toMatch(new RegExp(`measured this very merge[^]*${correct} of ${total}`));

  const again = createEngine({
    ...places,
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 30),
    cache,
    openManifest: () => ({
      folder: {
        label: 'demo with the export',
        // The trio as it is, with the exported model in the place of the VLM.
        open: async (path, signal) =>
          path.startsWith('vlm/') && exported.files.some((file) => `vlm/${file.path}` === path)
            ? asFolder().open(path.slice(4), signal)
            : nodeDirectory(demo).open(path, signal),
      },
      file: 'manifest.json',
    }),
  });
  await again.connect('wasm');
  await again.open('open', source, nothing);
  const ofFile = await again.evaluate('vlm', { kind: 'vlm' }, 12, nothing);
  expect({ ...ofFile, elapsedMs: 0 }).toEqual({ ...scores, elapsedMs: 0 });
  expect((await again.answer('ask', { ...request, method: null, lambda: 0 }, () => undefined)).vlm.text).toBe(
    answers.merged.text,
  );

  // Other settings are another model: its record has no figures.
  await engine.exportMethod(
    'x',
    { method: { ...ties, settings: { density: 0.4 } }, maxShardBytes: null },
    { kind: 'archive' },
    nothing,
  );
  expect(JSON.parse(text('merge.json'))).not.toHaveProperty('metrics');
});

test('a merge that changes nothing is the VLM byte for byte; a method that is none, or has gates alone, is refused', async () => {
  const export_ = (method: MethodChoice) =>
    engine.exportMethod('x', { method, maxShardBytes: null }, { kind: 'archive' }, nothing);
  expect(await export_({ id: 'dare', settings: { lambda: 0 } })).toMatchObject({ changed: 0 });
  const weights = exported.files.find(({ path }) => path === 'model.safetensors')?.bytes ?? new Uint8Array();
  expect(readFileSync(`${demo}/vlm/model.safetensors`).equals(weights)).toBe(true);
  await expect(export_({ id: 'iso-c', settings: {} })).rejects.toThrow(/works without gates/);
  await expect(
    engine.evaluate('m', { kind: 'method', method: { id: 'ties', settings: { density: 2 } } }, 1, nothing),
  ).rejects.toThrow(/density = 2 cannot be used: ties takes a number from 0.000001 to 1/);
});

test('cancelling an export takes away what was written', async () => {
  const pending = engine.exportMethod(
    'cancelled',
    { method: { id: 'ties', settings: {} }, maxShardBytes: null },
    { kind: 'archive' },
    ({ stage }) => {
      if (stage === 'Merging weights') void engine.cancel('cancelled');
    },
  );
  await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
  expect(exported.files).toHaveLength(0);
});
