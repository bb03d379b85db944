/** What a command needs is looked at before anything is decomposed, which takes long. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demo, frism, temporary, trio } from './testing/run-frism.ts';

let cache: string | undefined;
beforeEach(() => {
  // With nothing in the cache, matrices would be decomposed.
  cache = process.env.FRISM_CACHE;
  process.env.FRISM_CACHE = join(temporary(), 'cache');
});
afterEach(() => {
  if (cache === undefined) delete process.env.FRISM_CACHE;
  else process.env.FRISM_CACHE = cache;
});

/** The demo's VLM as an architecture that can be merged and not run. */
function strangeVlm(): string {
  const folder = join(temporary(), 'vlm');
  cpSync(demo('vlm'), folder, { recursive: true });
  const file = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(
    file,
    JSON.stringify({
      ...config,
      architectures: ['OfTomorrowForConditionalGeneration'],
      model_type: 'of-tomorrow',
    }),
  );
  return folder;
}

const images = join(demo('vlm'), '..', 'data', 'calibration.png');

test('models that cannot be run are not decomposed for a run or a measurement; they can be merged', async () => {
  const vlm = strangeVlm();
  const models = ['--base', demo('base'), '--vlm', vlm, '--lrm', demo('lrm')];
  for (const words of [
    ['distill', ...models, '--calibration', images],
    ['distill', ...models],
    ['evaluate', ...models],
  ]) {
    const { code, stderr } = await frism(...words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/These models cannot be run here, but they can be merged\. .*OfTomorrow/),
    ]);
    expect(stderr).not.toMatch(/Decomposing/);
  }
  const out = join(temporary(), 'out');
  expect((await frism('merge', ...models, '--out', out, '--quiet')).code).toBe(0);
});

test('what is not there to calibrate or to measure on is said first, and so is a directory that holds something', async () => {
  const filled = join(temporary(), 'filled');
  mkdirSync(filled);
  writeFileSync(join(filled, 'mine.txt'), 'mine');
  for (const [words, complaint] of [
    [['distill', ...trio], /brings no calibration images/],
    [['distill', ...trio, '--calibration', join(filled, 'nowhere')], /There are no images at/],
    [['evaluate', ...trio], /brings no perception set to measure on/],
    [['export', ...trio, '--out', filled], /is not empty/],
    [['merge', ...trio, '--method', 'iso-c', '--out', filled], /is not empty/],
    [['distill', ...trio, '--calibration', images, '--out', filled], /is not empty/],
  ] as const) {
    const { code, stderr } = await frism(...words);
    expect([code, stderr]).toEqual([1, expect.stringMatching(complaint)]);
    expect(stderr).not.toMatch(/Decomposing/);
  }
});
