/** Images and questions of a person's own, through the whole engine on folders of real families' shapes. */
import * as tf from '@tensorflow/tfjs-core';
import { encode as encodePng } from 'fast-png';
import { beforeEach, expect, test } from 'vitest';
import { familyTrio } from '../../../test/family-trio.ts';
import { jpegFile, pngFile } from '../../../test/image-files.ts';
import { readVlm } from '../../../test/vlm.ts';
import { perceptionQuestions } from '../../../core/calibration/own-images.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { Progress, RunEvent } from '../../../protocol/events.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { CalibrationSource, Session } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { nodeCodecs } from '../../io/images/codec-places.node.ts';
import { imageDecoder } from '../../io/images/decode-image.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

const decodeImage = imageDecoder(nodeCodecs());
const cache = memoryFactorCache();
const trio = await familyTrio('smolvlm');
const { checkpoint } = await readVlm('smolvlm');
const blob = (bytes: Uint8Array) => new Blob([Uint8Array.from(bytes)]);
const images = [
  { name: 'wide.png', file: blob(pngFile(70, 41, 1)) },
  { name: 'tall.jpg', file: blob(jpegFile(37, 90, 2)) },
  { name: 'large.png', file: blob(pngFile(300, 200, 3)) },
];
const source = (part: Partial<CalibrationSource> = {}): CalibrationSource => ({
  images,
  questions: ['What is shown?', 'Which colours?'],
  traces: [],
  maxAnswerTokens: 5,
  wholeImages: true,
  ...part,
});
const nothing = () => undefined;

/** Names of the images that were decoded, in order; and how many were in work at once, at most. */
let decoded: string[];
let together: number;
let engine: EngineApi;
let session: Session;

beforeEach(async () => {
  [decoded, together] = [[], 0];
  let underWay = 0;
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 24),
    cache,
    decodeImage: async (bytes, name) => {
      together = Math.max(together, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      decoded.push(name);
      return decodeImage(bytes, name);
    },
  });
  await engine.connect('wasm');
  session = await engine.open('open', trio, nothing);
});

async function run(options: Partial<DistillOptions> = {}) {
  const events: RunEvent[] = [];
  await engine.distill('run', { ...session.defaults, steps: 3, ...options }, (event) => events.push(event));
  const last = events.findLast((event) => event.type === 'step');
  if (last?.type !== 'step') throw new Error('the run made no step');
  return {
    losses: last.losses,
    items: events.flatMap((event) =>
      event.type === 'progress' && event.progress.stage === 'VLM answers' ? [event.progress.total] : [],
    ),
  };
}

test('what can be used becomes items, the rest is named with a reason, and pixels are decoded one image at a time', async () => {
  expect(session.forward).toMatchObject({
    available: true,
    calibrationItems: 0,
    secondTeacher: false,
    cutsImages: true,
  });
  const enormous = Uint8Array.from(encodePng({ width: 1, height: 1, data: Uint8Array.of(1), channels: 1 }));
  new DataView(enormous.buffer).setUint32(16, 2 ** 30);
  const [wide, tall, large] = images as [(typeof images)[0], (typeof images)[0], (typeof images)[0]];
  const bad = [
    { name: 'cut.jpg', file: blob(jpegFile(64, 64, 1).subarray(0, 200)) },
    { name: 'a/notes.txt', file: new Blob(['no image']) },
    { name: 'huge.png', file: blob(enormous) },
    { name: 'nothing.png', file: new Blob([]) },
    {
      name: 'gone.png',
      file: { size: 9, slice: () => new Blob(), arrayBuffer: () => Promise.reject(new Error('gone')) },
    },
  ];
  const stages: Progress[] = [];
  const report = await engine.setCalibration(
    'c',
    source({ images: [wide, ...bad, tall, large] }),
    (progress) => stages.push(progress),
  );
  expect(report).toMatchObject({
    images: 3,
    items: 6,
    traces: 0,
    secondTeacher: false,
    defaults: { batchSize: 4 },
  });
  expect(report.refused.map(({ name }) => name)).toEqual(bad.map(({ name }) => name));
  const reasons = Object.fromEntries(report.refused.map(({ name, reason }) => [name, reason]));
  expect(reasons).toMatchObject({
    'cut.jpg': expect.stringMatching(/^Is damaged/),
    'a/notes.txt': expect.stringMatching(/^Is none of PNG, JPEG/),
    'huge.png': expect.stringMatching(/67 million/),
    'nothing.png': 'Is empty.',
    'gone.png': expect.stringMatching(/^Cannot be read\. .*choose it again/),
  });
  expect(stages.at(-1)).toMatchObject({ stage: 'Looking through images', done: 8, total: 8 });

  decoded = [];
  await run();
  expect(decoded).toEqual(['wide.png', 'tall.jpg', 'large.png']);
  expect(together).toBe(1);
  // Features and what the VLM said are kept, also under another budget.
  await engine.setBudget('b', 4);
  expect((await run()).items).toEqual([]);
  expect(decoded).toHaveLength(3);
});

test('a merge of λ 0 is the VLM on these images; gates learn, in one tile and cut', async () => {
  await engine.setCalibration('c', source(), nothing);
  expect((await run({ lambda: 0 })).losses.distill).toBeLessThan(1e-6);
  const whole = await run();
  expect(whole.losses.distill).toBeGreaterThan(1e-4);
  expect((await engine.gates()).values.some((gate) => Math.abs(gate - 0.5) > 0.05)).toBe(true);
  // Cut into tiles the same images are other prompts, with other answers.
  await engine.setGates(1, {
    indices: Uint32Array.from({ length: session.layout.size }, (_, i) => i),
    values: new Float32Array(session.layout.size).fill(0.5),
    locks: null,
  });
  await engine.setCalibration('c', source({ wholeImages: false }), nothing);
  const cut = await run();
  expect(cut.losses.distill).not.toBe(whole.losses.distill);
  expect(cut.losses.distill).toBeGreaterThan(1e-4);
});

test('a run does without the vision tower once it has looked at the images', async () => {
  await engine.setCalibration('c', source(), nothing);
  await run();
  const running = tf.memory().numTensors;
  const image = await decodeImage(Uint8Array.from(pngFile(40, 30, 4)), 'asked.png');
  await engine.answer(
    'a',
    { image, question: 'What is shown?', lambda: 1, gates: 0.5, maxTokens: 2 },
    () => undefined,
  );
  const { vision_config: tower } = checkpoint.config as {
    readonly vision_config: { readonly num_hidden_layers: number };
  };
  expect(tf.memory().numTensors).toBeGreaterThan(running + 10 * tower.num_hidden_layers);
  const asked = tf.memory().numTensors;
  await run();
  expect(tf.memory().numTensors).toBeLessThan(asked - 10 * tower.num_hidden_layers);
  // Nor does an export that has no example to be checked by.
  const kept = tf.memory().numTensors;
  await engine.exportMerged(
    'x',
    {
      run: session.defaults,
      gates: await engine.gates(),
      format: { kind: 'checkpoint', maxShardBytes: null },
    },
    { kind: 'archive' },
    nothing,
  );
  expect(tf.memory().numTensors).toBe(kept);
});

test('text prompts make the LRM a second teacher by β alone', async () => {
  await engine.setCalibration('c', source(), nothing);
  await expect(run({ beta: 1 })).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('text prompts'),
  });
  const report = await engine.setCalibration(
    'c',
    source({ traces: ['3 + 4 = ', 'How many people?'] }),
    nothing,
  );
  expect(report).toMatchObject({
    traces: 2,
    secondTeacher: true,
    secondTeacherDefaults: { beta: 1, gamma: 0 },
  });
  expect((await run(report.secondTeacherDefaults)).losses).toMatchObject({
    trace: expect.any(Number),
    composed: null,
  });
  await expect(run({ gamma: 1 })).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('γ > 0'),
  });
});

test('what cannot be is refused, and leaves what was there', async () => {
  const set = (part: Partial<CalibrationSource>) => engine.setCalibration('c', source(part), nothing);
  await engine.setCalibration('c', source(), nothing);
  await expect(set({ images: [] })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('at least one image'),
  });
  await expect(set({ questions: [] })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(set({ questions: [' '] })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(set({ maxAnswerTokens: 0 })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(set({ questions: ['What is <image>?'] })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('take <image> out'),
  });
  await expect(set({ images: [{ name: 'x.png', file: new Blob(['x']) }] })).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(/None of 1 files can be used\. x\.png: Is none of/),
  });
  const late = engine.setCalibration(
    'late',
    source({ questions: perceptionQuestions }),
    () => void engine.cancel('late'),
  );
  await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  const running = engine.distill('run', { ...session.defaults, steps: 50 }, nothing);
  await engine.pause();
  await expect(set({})).rejects.toMatchObject({ code: 'busy' });
  await engine.stop();
  await running;
  expect((await run()).items).toEqual([]);
});

test('it is given up with null, and with the models it was chosen for; a manifest’s own comes back', async () => {
  await engine.setCalibration('c', source(), nothing);
  expect(await engine.setCalibration('c', null, nothing)).toMatchObject({
    images: 0,
    items: 0,
    secondTeacher: false,
  });
  await expect(run()).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('Choose images of your own'),
  });
  await engine.setCalibration('c', source(), nothing);
  session = await engine.open('open', trio, nothing);
  await expect(run()).rejects.toMatchObject({ code: 'missing' });

  session = await engine.open('demo', { kind: 'manifest', url: 'public/models/demo' }, nothing);
  const own = await engine.setCalibration('c', source({ questions: ['read'], traces: [] }), nothing);
  expect(own).toMatchObject({
    items: 3,
    traces: 384,
    secondTeacher: true,
    secondTeacherDefaults: { gamma: 1 },
    defaults: session.defaults,
  });
  expect((await run({ gamma: 1, batchSize: 2 })).losses).toMatchObject({ composed: expect.any(Number) });
  expect(await engine.setCalibration('c', null, nothing)).toMatchObject({
    items: 384,
    defaults: { batchSize: 32 },
  });
});
