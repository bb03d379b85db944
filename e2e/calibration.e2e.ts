/**
 * Models and images of one's own: three folders without a manifest, calibration images chosen in the dialog,
 * a run, its divergence, an export.
 */
import { smallDemoItems } from '../test/small-demo.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { parseHeader } from '../core/safetensors/header.ts';
import { writeImages } from '../test/image-files.ts';
import { unpack } from './asking.ts';
import {
  byId,
  demoFolders,
  downloadBy,
  enter,
  onDemo,
  openFolders,
  scratchFolder,
  untilDemoReady,
  untilModelsOpen,
  untilText,
} from './support.ts';

let page: Page;
let errors: string[];
const scratch = scratchFolder();
const images = join(scratch, 'images');

beforeAll(() => writeImages(images));
onDemo((opened) => ({ page, errors } = opened));

test('folders without calibration images cannot be run, and the strip says what to do', async () => {
  await openFolders(page, demoFolders);
  await untilModelsOpen(page);
  expect(await byId(page, 'play').isDisabled()).toBe(true);
  await page.getByText('These models come without test sets, so perception and reasoning').waitFor();
  expect(await byId(page, 'calibration').textContent()).toBe('Choose calibration images…');
});

test('images are taken from a folder and as files, what is damaged is named, and the dialog is left by keyboard', async () => {
  // Nothing that was clicked has the focus: the key reaches the studio.
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'Calibration images' });
  await dialog.waitFor();
  expect(await byId(page, 'calibration-use').isDisabled()).toBe(true);
  await byId(page, 'calibration-files').setInputFiles(join(images, 'board-2.png'));
  await byId(page, 'calibration-folder').setInputFiles(images);
  // The folder brings four that are named as images; the one that was chosen by itself is there already by
  // another name.
  await expect.poll(() => byId(page, 'calibration-image').count()).toBe(5);
  await dialog
    .getByText('1 file was left out because its name does not end as an image’s: images/notes.txt.')
    .waitFor();
  await dialog.getByRole('button', { name: 'Leave board-2.png out' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => byId(page, 'calibration-image').count()).toBe(4);
  await byId(page, 'calibration-questions').fill('read\ncount\n\nread');
  await dialog.getByText('4 images × 2 questions = 8 items').waitFor();
  await enter(page, 'calibration-tokens', '6');
  await byId(page, 'calibration-use').click();
  const refused = await untilText(page, 'calibration-refused', /broken\.png/);
  expect(refused).toMatch(
    /3 images are used; one could not be and is left out: ?images\/broken\.png Is damaged, and cannot be decoded as PNG \(.*\)\. Save the picture anew\./,
  );
  // What was refused is said once: it has left the choice, and the button that used it now ends the dialog.
  await expect.poll(() => byId(page, 'calibration-image').count()).toBe(3);
  expect(await byId(page, 'calibration-use').textContent()).toBe('Done');
  await byId(page, 'calibration-questions').fill('read');
  await dialog.getByText('What is chosen below is another choice').waitFor();
  expect(await byId(page, 'calibration-use').textContent()).toBe('Use these');
  await byId(page, 'calibration-questions').fill('read\ncount');
  await byId(page, 'calibration-use').click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await byId(page, 'play').isEnabled()).toBe(true);
});

test('the run has a loss curve and a divergence, and its result leaves as files', async () => {
  await enter(page, 'option-steps', '12');
  await byId(page, 'play').click();
  await untilText(page, 'run-state', /finished/);
  await page.locator('.recharts-line path').first().waitFor();
  const shown = byId(page, 'agreement');
  const divergence = Number(await shown.getAttribute('data-value'));
  expect(divergence).toBeGreaterThan(0);
  expect(divergence).toBeLessThan(20);
  expect(await shown.getAttribute('data-stale')).toBe('false');
  expect(await byId(page, 'snapshot').last().textContent()).toMatch(/Result, 12 steps/);
  // There is nothing to score on, and nothing complains of it.
  expect(await byId(page, 'toast').count()).toBe(0);
  expect(await byId(page, 'evaluate').isDisabled()).toBe(true);

  const exported = join(scratch, 'merged');
  await unpack(await downloadBy(page, 'export'), exported);
  const bytes = readFileSync(join(exported, 'model.safetensors'));
  const recipe = JSON.parse(
    parseHeader(bytes, bytes.length, 'model.safetensors').metadata.get('frism_recipe') ?? '{}',
  ) as { step?: number };
  expect(recipe.step).toBe(12);
});

test('a λ that was changed since makes the divergence an older one; other models begin without these images', async () => {
  await enter(page, 'option-lambda', '0.4');
  await page.locator('[data-testid="agreement"][data-stale="true"]').waitFor();
  await byId(page, 'open-models').click();
  await byId(page, 'open-demo').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await untilDemoReady(page);
  await byId(page, 'calibration').click();
  await page.getByText(`In force: the ${smallDemoItems} items that this trio brings`).waitFor();
  expect(await byId(page, 'calibration-traces-in-force').textContent()).toMatch(
    /In force: the \d+ prompts that this trio brings/,
  );
  // What was chosen is still there, to be used with these models as well, and nothing of it is refused again.
  const dialog = page.getByRole('dialog', { name: 'Calibration images' });
  await byId(page, 'calibration-use').click();
  await dialog.waitFor({ state: 'hidden' });
  // The trio's own can be had back.
  await byId(page, 'calibration').click();
  await byId(page, 'calibration-trio').click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await byId(page, 'calibration').getAttribute('title')).toMatch(
    new RegExp(`${smallDemoItems} items`),
  );
  expect(errors).toEqual([]);
});
