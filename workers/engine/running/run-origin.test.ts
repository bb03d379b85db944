/** Where an interrupted run is to go on in a session that is not its own. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { blob, familyTrio, textFolder } from '../../../test/family-trio.ts';
import { pngFile } from '../../../test/image-files.ts';
import { readVlm } from '../../../test/vlm.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { RunCheckpoint, RunOrigin } from '../../../core/runs/run-checkpoint.ts';
import { buildSafetensors, type TensorData } from '../../../core/safetensors/write.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { RunEvent } from '../../../protocol/events.ts';
import type { CalibrationSource, FolderSource, TrioSource } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { nodeCodecs } from '../../io/images/codec-places.node.ts';
import { imageDecoder } from '../../io/images/decode-image.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

const family = 'smolvlm';
const nothing = () => undefined;
const trio = await familyTrio(family);
const image = (width: number, height: number, seed: number) => ({
  name: `${seed}.png`,
  file: blob(Uint8Array.from(pngFile(width, height, seed))),
});
const calibration = (part: Partial<CalibrationSource> = {}): CalibrationSource => ({
  images: [image(70, 41, 1), image(37, 90, 2)],
  questions: ['What is shown?', 'Which colours?'],
  traces: [],
  maxAnswerTokens: 5,
  wholeImages: true,
  ...part,
});

let engine: EngineApi;
let options: DistillOptions;
/** After two of four steps. */
let interrupted: RunCheckpoint;
/** The gates at the end of the run that was not interrupted. */
let finished: Float32Array;

const open = async (source: TrioSource): Promise<void> => {
  await engine.open('open', source, nothing);
  await engine.setCalibration('calibrate', calibration(), nothing);
};
/** Goes on with `from` to the end; what was told on the way. */
async function goOn(from: unknown, run = options): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  await engine.distill('run', run, (event) => events.push(event), Infinity, from as RunCheckpoint);
  return events;
}
const noticesOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
const ofOrigin = (part: Partial<RunOrigin>): RunCheckpoint => ({
  ...interrupted,
  origin: { ...interrupted.origin, ...part },
});

beforeAll(async () => {
  const decodeImage = imageDecoder(nodeCodecs());
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 24),
    cache: memoryFactorCache(),
    decodeImage,
  });
  await engine.connect('wasm');
  await open(trio);
  const { defaults } = await engine.setCalibration('calibrate', calibration(), nothing);
  options = { ...defaults, steps: 4, batchSize: 3 };
  const ended = engine.distill('run', options, nothing, 2);
  await engine.pause();
  await engine.step(2);
  const taken = await engine.checkpoint();
  if (!taken) throw new Error('there is no checkpoint');
  interrupted = structuredClone(taken);
  await engine.resume();
  await ended;
  finished = (await engine.gates()).values;
});

/** A session that has just been opened, all gates half open. */
beforeEach(() => open(trio));

test('in a session of its own models and prompts it goes on to the same bits, and nothing is said', async () => {
  const events = await goOn(interrupted);
  expect(noticesOf(events)).toEqual([]);
  expect(events.filter(({ type }) => type === 'state')).toMatchObject([
    { state: 'preparing', step: 2 },
    { state: 'running', step: 2 },
    { state: 'finished', step: 4 },
  ]);
  expect((await engine.gates()).values).toEqual(finished);
});

test.each<[string, Partial<RunOrigin>, RegExp]>([
  [
    'another backend',
    { backend: 'webgpu', adapter: 'some card' },
    /it began on webgpu \(some card\) and goes on with wasm/,
  ],
  [
    'another graphics device',
    { adapter: 'some card' },
    /it began on wasm \(some card\) and goes on with wasm/,
  ],
  ['factors of another kernel', { factors: '0'.repeat(64) }, /the layers were decomposed again/],
])('%s is said, and it goes on', async (_, part, says) => {
  const events = await goOn(ofOrigin(part));
  const [notice, ...more] = noticesOf(events);
  expect(notice).toMatch(/^The run goes on, but not to the very bits that it would have had: .*\.$/);
  expect(notice).toMatch(says);
  expect(more).toEqual([]);
  expect((await engine.gates()).values).toEqual(finished);
});

test('a checkpoint that is taken afterwards is of the device and the factors that are there now', async () => {
  const ended = engine.distill(
    'run',
    options,
    nothing,
    2,
    ofOrigin({ backend: 'webgpu', adapter: 'some card' }),
  );
  // Not prepared yet: it is still the one that came, and can be taken up again.
  expect((await engine.checkpoint())?.origin.backend).toBe('webgpu');
  await engine.pause();
  expect({ ...(await engine.checkpoint()), elapsedMs: 0 }).toEqual({ ...interrupted, elapsedMs: 0 });
  await engine.stop();
  await ended;
});

test('other images of the same sizes are said; of other sizes, or other questions, they are refused', async () => {
  await engine.setCalibration('c', calibration({ images: [image(70, 41, 3), image(37, 90, 4)] }), nothing);
  expect(noticesOf(await goOn(interrupted))).toEqual([
    expect.stringContaining('the teachers do not see or answer exactly as they did: the images are others'),
  ]);
  for (const other of [
    { images: [image(70, 41, 1), image(38, 90, 2)] },
    { images: [image(70, 41, 1)] },
    { questions: ['What is shown?', 'Which shapes?'] },
  ]) {
    await engine.setCalibration('c', calibration(other), nothing);
    await expect(goOn(interrupted)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(
        /^The interrupted run learnt \(distill\) from 4 prompts, and the \d that there are now are others\. It would go on as another run\. Calibrate on the images and questions that it began with, or start a new run\.$/,
      ),
    });
  }
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'another merge strength',
    () => goOn(interrupted, { ...options, lambda: 0.5 }),
    /was begun with .* for “Merge strength lambda”, and is to go on with 0\.5\. .*Set λ back/,
  ],
  [
    'more steps',
    () => goOn(interrupted, { ...options, steps: 9 }),
    /with 4 for “Steps”, and is to go on with 9/,
  ],
  [
    'another divergence',
    () => goOn(interrupted, { ...options, divergence: 'js' }),
    /with kl for .* go on with js/,
  ],
  [
    'a layer of another name',
    () =>
      goOn(
        ofOrigin({
          slots: interrupted.origin.slots.map((slot, i) => (i === 1 ? { ...slot, id: 'other' } : slot)),
        }),
      ),
    /of rank \d+ is not where it has it/,
  ],
  [
    'weights of another size',
    () =>
      goOn(
        ofOrigin({
          slots: interrupted.origin.slots.map((slot, i) => (i === 2 ? { ...slot, norm: 9 } : slot)),
        }),
      ),
    /was made of other models: the reasoning difference of .* has another size here/,
  ],
])('%s is refused before anything has changed', async (_, begin, says) => {
  const before = await engine.gates();
  await expect(begin()).rejects.toMatchObject({ code: 'mismatch', message: expect.stringMatching(says) });
  expect(await engine.gates()).toEqual(before);
  expect(await engine.checkpoint()).toBeNull();
});

test('a damaged one is refused before anything has changed, and the engine goes on', async () => {
  const before = await engine.gates();
  const { gates } = interrupted;
  for (const damaged of [
    { ...interrupted, gates: { ...gates, values: gates.values.slice(1) } },
    { ...interrupted, optimiser: { ...interrupted.optimiser, second: gates.values } },
    { ...interrupted, step: 5 },
    { step: 2 },
    'run',
  ])
    await expect(goOn(damaged)).rejects.toMatchObject({ code: 'bad-file' });
  expect(await engine.gates()).toEqual(before);
  await goOn(interrupted);
  expect((await engine.gates()).values).toEqual(finished);
});

test('another budget is refused, with both said', async () => {
  await engine.setBudget('budget', 2);
  await expect(goOn(interrupted)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining(
      'has a gate for each subspace, and the session has gates of their own for 2 subspaces of a layer',
    ),
  });
});

test('some of the layers are refused, and so is another reasoning model', async () => {
  await open({ ...trio, selection: { layers: [0], kinds: null } });
  await expect(goOn(interrupted)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringMatching(/has gates for \d+ layers, and \d+ layers are open/),
  });
  await open({
    ...(trio as Extract<TrioSource, { kind: 'folders' }>),
    lrm: await textFolder(family, 'lrm', 0.03),
  });
  await expect(goOn(interrupted)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('was made of other models'),
  });
});

/** The VLM with all its linear layers moved a little. */
async function anotherVlm(vlm: FolderSource): Promise<FolderSource> {
  const { checkpoint } = await readVlm(family);
  const tensors: TensorData[] = [];
  for (const { name, shape } of checkpoint.tensors.values()) {
    const values = await checkpoint.readFloat32(name);
    if (name.endsWith('_proj.weight')) values.forEach((value, i) => (values[i] = value + 1e-4 * Math.cos(i)));
    tensors.push({ name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
  }
  const weights = blob(buildSafetensors(tensors, new Map()));
  return {
    label: 'another',
    files: vlm.files.map(({ path, file }) => ({ path, file: path === 'model.safetensors' ? weights : file })),
  };
}

test('another VLM under the same difference is refused once its weights are known', async () => {
  const folders = trio as Extract<TrioSource, { kind: 'folders' }>;
  await open({ ...folders, vlm: await anotherVlm(folders.vlm as FolderSource) });
  const events: RunEvent[] = [];
  await expect(
    engine.distill('run', options, (event) => events.push(event), Infinity, interrupted),
  ).rejects.toMatchObject({
    code: 'mismatch',
    message:
      'The interrupted run was made with a VLM of other weights. It would go on as another run. Open the VLM that it was made with, or start a new run.',
  });
  expect(events.at(-1)).toMatchObject({ type: 'state', state: 'failed', step: 2 });
});
