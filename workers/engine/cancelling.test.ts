/**
 * Every job is cancelled at each moment at which it hands control away: whenever it opens or reads a file, asks a
 * cache, writes a piece of an export, decodes an image, or tells of its progress. Whatever that moment is, the job
 * ends as cancelled or as done, and the engine answers afterwards with the session that was open.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import type { EngineApi, ExportOptions } from '../../protocol/engine.ts';
import type { Session } from '../../protocol/session.ts';
import { pngFile } from '../../test/image-files.ts';
import { mediumTrio } from '../../test/medium-trio.ts';
import { nodeHost } from '../backend/host.node.ts';
import { startBackend } from '../backend/start.ts';
import { memoryFactorCache } from '../io/cache/memory-factor-cache.ts';
import type { FactorCache, ModelFolder, OutputFolder } from '../io/contract.ts';
import { nodeCodecs } from '../io/images/codec-places.node.ts';
import { imageDecoder } from '../io/images/decode-image.ts';
import { archiveOutput } from '../io/output/archive-output.ts';
import { createEngine } from './create-engine.ts';

/** As many moments of a job are tried, spread over it, and the first and the last of them one by one. */
const mostMoments = 10;
const ends = 3;

const job = 'cancelled';
const archive = { kind: 'archive' } as const;
const source = { kind: 'manifest', url: 'small' } as const;

let engine: EngineApi;
let session: Session;
let moments = 0;
let cancelAt = Infinity;

/** One of the moments. */
function passes(): void {
  moments += 1;
  if (moments === cancelAt) void engine.cancel(job);
}

const watchedFolder = (folder: ModelFolder): ModelFolder => ({
  ...folder,
  async open(path, signal) {
    passes();
    const file = await folder.open(path, signal);
    passes();
    return (
      file && {
        ...file,
        async read(begin, end, asked) {
          passes();
          const bytes = await file.read(begin, end, asked);
          passes();
          return bytes;
        },
      }
    );
  },
});

const watchedCache = (cache: FactorCache): FactorCache => ({
  lasting: cache.lasting,
  get: async (...asked) => (passes(), cache.get(...asked)),
  head: async (...asked) => (passes(), cache.head(...asked)),
  put: async (...asked) => (passes(), cache.put(...asked)),
  reserve: async (...asked) => (passes(), cache.reserve(...asked)),
  used: async (...asked) => (passes(), cache.used(...asked)),
});

/** An archive, whose next file or piece is waited for in a stream. */
async function watchedArchive(name: string): Promise<OutputFolder & { archive(): Promise<Blob> }> {
  passes();
  const output = await archiveOutput(name);
  return {
    ...output,
    async create(path, signal) {
      passes();
      const file = await output.create(path, signal);
      passes();
      return {
        async write(bytes) {
          passes();
          await file.write(bytes);
          passes();
        },
        async close() {
          passes();
          await file.close();
          passes();
        },
      };
    },
    async commit() {
      passes();
      await output.commit();
    },
  };
}

beforeAll(async () => {
  const folder = watchedFolder(
    mediumTrio({ layers: 1, hidden: 64, inner: 96, heads: 2, keyHeads: 1, vocabulary: 512 }),
  );
  const decode = imageDecoder(nodeCodecs());
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder, file: 'manifest.json' }),
    openOutput: async (_target, name) => watchedArchive(name),
    decodeImage: async (...asked) => (passes(), decode(...asked)),
    cache: watchedCache(memoryFactorCache()),
  });
  await engine.connect('wasm');
  session = await engine.open(job, source, passes);
  accepted = session.pairing.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
});

const images = [1, 2, 3].map((seed) => ({
  name: `${seed}.png`,
  file: new Blob([Uint8Array.from(pngFile(40, 30, seed))]),
}));
const run = () => ({ ...session.defaults, steps: 2, batchSize: 2, beta: 0.5, gamma: 0.5 });
const exported = async (format: ExportOptions['format']): Promise<ExportOptions> => ({
  run: run(),
  gates: await engine.gates(),
  format,
  accepted,
});
/** What is random differs from what it was made of in more ways than a tuned model does. */
let accepted: string[];
const checkpoint = { kind: 'checkpoint', maxShardBytes: 100_000 } as const;

/** What a session has found out once, its hashes for example, is not found out again. */
async function openAnew(): Promise<void> {
  const [seen, at] = [moments, cancelAt];
  cancelAt = Infinity;
  session = await engine.open('anew', source, () => undefined);
  [moments, cancelAt] = [seen, at];
}

const jobs: Readonly<Record<string, () => Promise<unknown>>> = {
  inspect: () => engine.inspect(job, source, passes),
  'the spectrum of a layer': () => engine.layerSpectrum(job, source, 3, passes),
  open: async () => (session = await engine.open(job, source, passes)),
  calibrate: () =>
    engine.setCalibration(
      job,
      { images, questions: ['What is shown?'], traces: [], maxAnswerTokens: 2, wholeImages: true },
      passes,
    ),
  run: () => engine.distill(job, run(), passes),
  'a run with a budget': async () => {
    await engine.setBudget('budget', 4);
    await engine.distill(job, run(), passes).finally(() => engine.setBudget('budget', null));
  },
  measure: () => engine.evaluate(job, { kind: 'merged', lambda: 1, gates: 0.5 }, 4, passes),
  ask: () => {
    const image = session.forward.available ? session.forward.examples[0]?.image : undefined;
    if (!image) throw new Error('The trio has no example image.');
    const request = { image, question: '2+3', lambda: 1, gates: 0.5, maxTokens: 3 };
    return engine.answer(job, request, passes);
  },
  'a recipe': async () => {
    await openAnew();
    return engine.recipe(job, { run: run(), gates: await engine.gates() }, passes);
  },
  identify: async () => {
    await openAnew();
    return engine.identify(job, passes);
  },
  'export a model': async () => engine.exportMerged(job, await exported(checkpoint), archive, passes),
  'export an adapter': async () =>
    engine.exportMerged(job, await exported({ kind: 'adapter', maxRank: 2 }), archive, passes),
  'export a merge without gates': async () =>
    engine.exportMethod(
      job,
      { method: { id: 'task-arithmetic', settings: { lambda: 0.5 } }, maxShardBytes: null, accepted },
      archive,
      passes,
    ),
};

/** Once the factors have been given back. */
async function heldTensors(): Promise<number> {
  await engine.setBudget('held', null);
  return tf.memory().numTensors;
}

/** How a job ended, and how many moments it had. */
async function runJob(begin: () => Promise<unknown>, at: number) {
  [moments, cancelAt] = [0, at];
  const ended = await begin().then(
    () => 'done',
    ({ code, message }: { readonly code?: string; readonly message: string }) =>
      code === 'cancelled' ? code : message,
  );
  cancelAt = Infinity;
  return { ended, moments };
}

const someOf = (count: number): number[] => {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (count <= mostMoments) return all;
  const middle = mostMoments - 2 * ends;
  const spread = Array.from({ length: middle }, (_, i) =>
    Math.round(ends + ((i + 0.5) * (count - 2 * ends)) / middle),
  );
  return [...all.slice(0, ends), ...spread, ...all.slice(-ends)];
};

test.each(Object.entries(jobs))('%s', async (_, begin) => {
  const whole = await runJob(begin, Infinity);
  expect(whole.ended).toBe('done');
  expect(whole.moments).toBeGreaterThan(1);
  const { length } = (await engine.gates()).values;
  const tensors = await heldTensors();
  let cancelled = 0;
  for (const at of someOf(whole.moments)) {
    const { ended } = await runJob(begin, at);
    expect(['cancelled', 'done'], `cancelled at moment ${at} of ${whole.moments}`).toContain(ended);
    cancelled += ended === 'cancelled' ? 1 : 0;
    // It waits for the device, which nobody may still hold.
    expect((await engine.setBudget('after', null)).gates.values).toHaveLength(length);
  }
  expect((await runJob(begin, Infinity)).ended).toBe('done');
  expect(cancelled).toBeGreaterThan(0);
  expect(await heldTensors()).toBe(tensors);
});
