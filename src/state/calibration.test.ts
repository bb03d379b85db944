/** The store against the fake engine: calibration images of one's own. */
import { expect, test } from 'vitest';
import { opened, source as trioSource } from '../../test/opened-store.ts';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { CalibrationSource } from '../../protocol/session.ts';

const source = (names: readonly string[] = ['a.png', 'b.png', 'broken.png']): CalibrationSource => ({
  images: names.map((name) => ({ name, file: new Blob([name]) })),
  questions: ['What is this?', 'Where?'],
  traces: [],
  maxAnswerTokens: 32,
  wholeImages: true,
});

/** A trio without data sets of its own, as three folders are. */
const plain = (engine: EngineApi): EngineApi => ({
  ...engine,
  open: async (...args) => {
    const session = await engine.open(...args);
    return session.forward.available
      ? {
          ...session,
          forward: {
            ...session.forward,
            calibrationItems: 0,
            perceptionItems: 0,
            reasoningItems: 0,
            secondTeacher: false,
          },
        }
      : session;
  },
  evaluate: () => Promise.reject(new StudioError('missing', 'This trio brings no perception set.')),
});

test('images of one’s own take the place of the trio’s until other models are opened', async () => {
  const { now } = await opened();
  expect(now().calibration).toMatchObject({ own: null, trioItems: 384 });
  const mine = source();
  expect(await now().calibrate(mine)).toBe(true);
  expect(now().calibration).toMatchObject({
    status: 'idle',
    own: {
      source: { ...mine, images: mine.images.slice(0, 2) },
      report: { images: 2, items: 4, refused: [{ index: 2, name: 'broken.png' }] },
    },
  });
  expect(now().session?.forward).toMatchObject({ calibrationItems: 4 });
  // A batch that nobody chose follows what suits the samples.
  expect([now().options.batchSize, now().session?.defaults.batchSize]).toEqual([4, 4]);
  // A trio’s text prompts stay in force where there are none of one’s own.
  expect(now().session?.forward).toMatchObject({ tracePrompts: 96 });
  await now().calibrate({ ...mine, traces: ['3+4', '5*6'] });
  expect(now().session?.forward).toMatchObject({ tracePrompts: 2 });
  await now().setBudget(8);
  expect(now().session?.forward).toMatchObject({ calibrationItems: 4 });
  expect(await now().calibrate(null)).toBe(true);
  expect(now().calibration.own).toBeNull();
  expect(now().session?.forward).toMatchObject({ calibrationItems: 384 });
  expect(now().options.batchSize).toBe(32);
  now().setOptions({ batchSize: 2 });
  await now().calibrate(mine);
  expect(now().options.batchSize).toBe(2);
  await now().open(trioSource);
  expect(now().calibration).toMatchObject({ own: null, trioItems: 384 });
});

test('a failure is said in its place and changes nothing; cancelling is none', async () => {
  const { now } = await opened({ stepMs: 3 });
  await now().calibrate(source());
  const before = now().calibration.own;
  expect(await now().calibrate(source(['broken.png']))).toBe(false);
  expect(now().calibration).toMatchObject({
    status: 'failed',
    own: before,
    error: { message: expect.stringContaining('None of 1 files') },
  });
  const reading = now().calibrate(source(Array.from({ length: 50 }, (_, i) => `${i}.png`)));
  await expect.poll(() => now().calibration.progress?.done ?? 0).toBeGreaterThan(0);
  now().cancelCalibrating();
  expect(await reading).toBe(false);
  expect(now().calibration).toMatchObject({ status: 'idle', own: before, error: null });
});

test('it waits for a run to end, and is chosen again when compute was restarted', async () => {
  const { now } = await opened({ stepMs: 2 });
  const mine = source();
  await now().calibrate(mine);
  const running = now().play();
  await expect.poll(() => now().run.state).toBe('running');
  expect(await now().calibrate(null)).toBe(false);
  expect(now().toasts.at(-1)?.text).toMatch(/A run is going on\. Stop the run/);
  await now().stop();
  await running;
  now().engineLost({ code: 'device', message: 'The compute worker stopped.', retryable: true, details: {} });
  await now().reconnect();
  // What was refused is not asked for a second time.
  expect(now().calibration.own).toMatchObject({
    source: { ...mine, images: mine.images.slice(0, 2) },
    report: { refused: [] },
  });
  expect(now().session?.forward).toMatchObject({ calibrationItems: 4 });
});

test('models without test sets: the result of a run is kept and nothing is measured, without a complaint', async () => {
  const { now } = await opened({}, plain);
  await now().calibrate(source());
  now().setOptions({ steps: 3 });
  await now().play();
  expect(now().run.state).toBe('finished');
  expect(now().snapshots.at(-1)).toMatchObject({ origin: 'result', evaluation: null });
  expect([now().measurements.length, now().toasts.length]).toEqual([0, 0]);
  await now().evaluateCurrent();
  expect(now().toasts.at(-1)?.text).toMatch(/without test sets/);
});
