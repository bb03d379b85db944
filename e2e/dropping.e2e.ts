/**
 * What is dropped on the page or chosen for it: its own exports come back, folders find their places, and
 * everything else is told what it is and where it goes.
 */
import { roles } from '../core/family/trio.ts';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  byId,
  demoFolder,
  downloadBy,
  onDemo,
  root,
  scratchFolder,
  untilDemoReady,
  untilText,
} from './support.ts';

let page: Page;
let errors: string[];
const scratch = scratchFolder();

onDemo((opened) => ({ page, errors } = opened));

/** As a person drops files from another window onto the middle of the page. */
const drop = (...files: readonly { readonly name: string; readonly bytes: readonly number[] }[]) =>
  page.evaluate((given) => {
    const data = new DataTransfer();
    for (const { name, bytes } of given) data.items.add(new File([new Uint8Array(bytes)], name));
    const target = document.querySelector('main') ?? document.body;
    for (const type of ['dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, files);
const text = (name: string, content: string) => ({ name, bytes: [...new TextEncoder().encode(content)] });

test('the recipe is saved without an export, and the archive of an export opens when it is dropped', async () => {
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await byId(page, 'stop').click();
  await untilText(page, 'run-state', /stopped/);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Control+s');
  const download = await saved;
  expect(download.suggestedFilename()).toBe('recipe.json');
  expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({ step: 1 });
  await untilText(page, 'export-note', /downloaded as recipe\.json/);

  const archive = join(scratch, 'frism-merged.zip');
  await (await downloadBy(page, 'export')).saveAs(archive);
  await byId(page, 'reset-gates').click();
  await drop({ name: 'frism-merged.zip', bytes: [...readFileSync(archive)] });
  await untilText(page, 'recipe-report', /All three models are the recipe’s own/);
  await byId(page, 'recipe-apply').click();
  await byId(page, 'recipe-dialog').waitFor({ state: 'hidden' });
  expect(await byId(page, 'undo').getAttribute('title')).toMatch(/Open recipe\.json/);
});

test('a photo is asked about; GGUF, pickled weights, a text and a file of a model are told where they go', async () => {
  const picture = [...readFileSync(join(root, 'zoo', 'reference', 'images', 'files', 'grey-1.png'))];
  await drop({ name: 'board.png', bytes: picture });
  await page.locator('canvas[aria-label^="The image"]').waitFor();
  const told = [
    [text('model.gguf', 'GGUF\u0003'), /model\.gguf is a GGUF file.*safetensors/],
    [text('pytorch_model.bin', 'PK'), /can run code when it is opened/],
    [text('questions.txt', 'What is this?'), /questions\.txt is a text.*Calibration images/],
    [text('config.json', '{"a": 1}'), /config\.json is one file of a model folder.*whole folder/],
  ] as const;
  for (const [file, words] of told) {
    await drop(file);
    await byId(page, 'toast').filter({ hasText: words }).waitFor();
  }
});

test('the folder that holds three models, and the one of a trio with its manifest, are opened as such', async () => {
  const parent = join(scratch, 'models');
  const names = { base: 'tiny-base', vlm: 'tiny-eyes', lrm: 'tiny-reasoner' };
  for (const role of roles) cpSync(demoFolder(role), join(parent, names[role]), { recursive: true });
  await byId(page, 'open-models').click();
  await byId(page, 'folder-together').setInputFiles(parent);
  await untilText(
    page,
    'placed-folders',
    /“tiny-base” as base, “tiny-eyes” as VLM, “tiny-reasoner” as LRM\. .* guessed by their names/,
  );
  expect(await byId(page, 'open-folders').isEnabled()).toBe(true);
  await byId(page, 'swap-parts').click();
  await byId(page, 'placed-folders').waitFor({ state: 'hidden' });
  expect(await page.getByRole('region', { name: 'Base' }).textContent()).toMatch(/tiny-reasoner/);

  await byId(page, 'folder-together').setInputFiles(join(root, 'public', 'models', 'demo'));
  await untilText(page, 'trio-folder', /“demo” is a trio with a manifest\.json/);
  await byId(page, 'open-folders').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await untilDemoReady(page);
  // Its data came along: without it nothing could be run or measured.
  expect(await byId(page, 'calibration').getAttribute('title')).toMatch(/384 items/);
  expect(await byId(page, 'evaluate').isEnabled()).toBe(true);
  expect(errors).toEqual([]);
});
