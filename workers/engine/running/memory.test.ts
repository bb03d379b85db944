/** What is said of a run's memory, held against what the device's allocator hands out while it goes on. */
import { beforeAll, describe, expect, test } from 'vitest';
import { everything, type LayerSelection } from '../../../core/family/selection.ts';
import { estimateRun, type RunEstimate } from '../../../core/memory/estimate.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import { usualChoice } from '../../../core/memory/run-choice.ts';
import { forecastMemory } from '../../../core/memory/verdict.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import { peakDeviceBytes, type PeakBytes } from '../../../test/device-bytes.ts';
import { mediumTrio } from '../../../test/medium-trio.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

/** Random models never end an answer by themselves, so all of them are as long as is said. */
const folder = mediumTrio({ layers: 6, hidden: 192, inner: 512, heads: 6, keyHeads: 2, vocabulary: 4096 });

let engine: EngineApi;
let peak: PeakBytes;
const nothing = () => undefined;

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder, file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 30),
    cache: memoryFactorCache(),
  });
});

interface Case {
  readonly selection?: LayerSelection;
  readonly budget: number | null;
  readonly batchSize: number;
  readonly second: boolean;
  readonly teacherTopK?: number;
  readonly divergence?: DistillOptions['divergence'];
}

/** Two steps and a measurement, everything loaded anew; most that was held by phase. */
async function run({
  selection = everything,
  budget,
  batchSize,
  second,
  teacherTopK,
  divergence,
}: Case): Promise<{
  readonly said: RunEstimate;
  readonly seen: Readonly<Record<'look' | 'teach' | 'step' | 'measure', number>>;
}> {
  const { capacity } = await engine.connect('wasm');
  const session = await engine.open('open', { kind: 'manifest', url: 'medium', selection }, nothing);
  await engine.setBudget('budget', budget);
  const facts = session.memory.run;
  if (!facts) throw new Error('the trio should be run here');
  const slots = session.slots.map((slot, index) => ({ ...slot, index }));
  const said = estimateRun(facts, capacity, slots, {
    budget,
    batchSize,
    terms: second ? ['distill', 'inject', 'trace', 'composed'] : ['distill', 'inject'],
    teacherTopK: teacherTopK ?? null,
  });

  peak = peakDeviceBytes();
  try {
    const seen = { look: 0, teach: 0, step: 0, measure: 0 };
    let phase: keyof typeof seen = 'look';
    await engine.distill(
      'run',
      {
        ...session.defaults,
        steps: 2,
        batchSize,
        beta: second ? 1 : 0,
        gamma: second ? 1 : 0,
        teacherTopK: teacherTopK ?? null,
        divergence: divergence ?? 'kl',
      },
      (event) => {
        // What was held since the last event belongs to what went on then.
        seen[phase] = Math.max(seen[phase], peak.take());
        if (event.type === 'progress')
          phase =
            event.progress.stage === 'Looking at images' || event.progress.stage.startsWith('Loading')
              ? 'look'
              : 'teach';
        if (event.type === 'step' || (event.type === 'state' && event.state === 'running')) phase = 'step';
      },
    );
    await engine.evaluate('measure', { kind: 'merged', lambda: 1, gates: 0.5 }, null, nothing);
    seen.measure = peak.take();
    return { said, seen };
  } finally {
    peak.stop();
  }
}

describe('at least what was held, and not half as much again', () => {
  test.each<[string, Case]>([
    ['all layers', { budget: null, batchSize: 8, second: false }],
    ['a subspace budget', { budget: 16, batchSize: 4, second: false }],
    [
      'two upper layers',
      { selection: { layers: [3, 4], kinds: null }, budget: null, batchSize: 8, second: false },
    ],
    ['the Jensen-Shannon divergence', { budget: null, batchSize: 8, second: false, divergence: 'js' }],
    ['the teacher’s most probable tokens', { budget: null, batchSize: 8, second: false, teacherTopK: 16 }],
    [
      'one kind of matrix, the second teacher',
      { selection: { layers: null, kinds: ['down'] }, budget: 32, batchSize: 16, second: true },
    ],
  ])('%s', async (_, which) => {
    const { said, seen } = await run(which);
    const most = Math.max(...Object.values(seen));
    expect(said.peak.bytes / most).toBeGreaterThanOrEqual(1);
    expect(said.peak.bytes / most).toBeLessThanOrEqual(1.5);
    const step = said.phases.find(({ name }) => name === 'step')!.bytes / seen.step;
    expect(step).toBeGreaterThanOrEqual(1);
    expect(step).toBeLessThanOrEqual(1.5);
    // What each phase needs is covered by what is said of it or of a larger one.
    for (const bytes of Object.values(seen)) expect(bytes).toBeLessThanOrEqual(said.peak.bytes);
  });
});

test('a preview says it before anything is read, of all layers or of some', async () => {
  const { capacity } = await engine.connect('wasm');
  const { memory, slots } = await engine.inspect('inspect', { kind: 'manifest', url: 'medium' }, nothing);
  expect(memory.run?.sample).toMatchObject({ imageTokens: 16, imageTiles: 1, assumed: true });
  expect(memory.decomposing).toHaveLength(42);
  const all = forecastMemory(memory, capacity, slots, usualChoice, everything);
  const part = forecastMemory(memory, capacity, slots, usualChoice, { layers: [5], kinds: ['q', 'v'] });
  expect(all.verdict.code).toBe('fits');
  const stepOf = (forecast: typeof all) => forecast.run!.phases.find(({ name }) => name === 'step')!.bytes;
  expect(stepOf(part)).toBeLessThan(stepOf(all));
  expect(part.openingBytes).toBeLessThan(all.openingBytes);
});
