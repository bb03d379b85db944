/**
 * A recipe comes back: chosen or dropped, from recipe.json or from the exported weights, onto its own models,
 * onto others, and before any are open.
 */
import { roles } from '../core/family/trio.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  byId,
  hangingMs,
  onDemo,
  scratchFolder,
  standInForPicker,
  untilText,
  type Studio,
} from './support.ts';

let studio: Studio;
let page: Page;
let errors: string[];
const scratch = scratchFolder();

onDemo(async (opened) => {
  ({ studio, page, errors } = opened);
  await standInForPicker(page);
});

interface Written {
  inputs: { lrm: { label: string; sha256: string } };
  options: { lambda: number };
  step: number;
  run?: { steps: number };
  slots: { id: string; gates: number | number[]; singularValues?: number[]; factors: string }[];
}

/** Exports into the stand-in folder and reads the recipe that was written there. */
async function exported(folder: string): Promise<Written> {
  await byId(page, 'export-folder').click();
  await untilText(page, 'export-summary', new RegExp(`Saved in ${folder}\\.`));
  const [, name] = folder.split('/');
  return page.evaluate(async (sub) => {
    const picked = await (await navigator.storage.getDirectory()).getDirectoryHandle('picked');
    const directory = sub ? await picked.getDirectoryHandle(sub) : picked;
    return JSON.parse(await (await (await directory.getFileHandle('recipe.json')).getFile()).text()) as never;
  }, name ?? null) as Promise<Written>;
}

/** As a person drops files from another window onto the middle of the page. */
const drop = (...names: readonly string[]): Promise<void> =>
  page.evaluate(async (paths) => {
    const picked = await (await navigator.storage.getDirectory()).getDirectoryHandle('picked');
    const data = new DataTransfer();
    for (const path of paths) data.items.add(await (await picked.getFileHandle(path)).getFile());
    const target = document.querySelector('main') ?? document.body;
    for (const type of ['dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, names);

let made: Written;

test('dropped weights bring gates and settings back onto their own models; one undo takes them away', async () => {
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await byId(page, 'stop').click();
  await untilText(page, 'run-state', /stopped|finished/);
  made = await exported('picked');
  expect(made).toMatchObject({ step: 1, run: { steps: 1 } });
  expect(made.slots[0]?.singularValues).toHaveLength(128);
  await byId(page, 'reset-gates').click();

  await drop('model.safetensors');
  await untilText(page, 'recipe-report', /All three models are the recipe’s own/);
  await byId(page, 'recipe-apply').click();
  await byId(page, 'recipe-dialog').waitFor({ state: 'hidden' });
  const again = await exported('picked/frism-merged');
  expect(again.slots).toEqual(made.slots);
  expect(again).toMatchObject({ step: 1, run: made.run });

  await byId(page, 'undo').click();
  const undone = await exported('picked/frism-merged-2');
  expect(undone.slots.every(({ gates }) => gates === 0.5)).toBe(true);
});

test('a recipe of another reasoning model says which layers are others, applies the rest, and can be left', async () => {
  const other = structuredClone(made);
  other.inputs.lrm = { ...other.inputs.lrm, label: 'another reasoner', sha256: 'e'.repeat(64) };
  other.options.lambda = 0.3;
  for (const slot of other.slots) slot.factors = 'f'.repeat(64);
  const [first, second] = other.slots;
  if (!first?.singularValues || !second) throw new Error('no slots');
  first.singularValues = first.singularValues.map((sigma) => 2 * sigma);
  second.id = 'layers.77.self_attn.k_proj';
  const file = join(scratch, 'other.json');
  writeFileSync(file, JSON.stringify(other));

  await byId(page, 'open-recipe').setInputFiles(file);
  const report = await untilText(page, 'recipe-report', /other singular values here/);
  expect(report).toMatch(/another reasoner/);
  expect(report).toMatch(/1 layer of the recipe is not open here/);
  expect(await byId(page, 'recipe-apply').textContent()).toBe('Apply to 26 of 28 layers');
  await byId(page, 'recipe-foreign').click();
  expect(await byId(page, 'recipe-apply').textContent()).toBe('Apply to 27 of 28 layers');
  await byId(page, 'recipe-leave').click();
  await byId(page, 'recipe-dialog').waitFor({ state: 'hidden' });
  expect((await byId(page, 'undo').getAttribute('title')) ?? '').not.toMatch(/other\.json/);
  expect(errors).toEqual([]);
});

test('before models are open it says which it was made from, waits, and is compared with those that are opened', async () => {
  const context = await studio.browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.route('**/models/demo/manifest.json', (route) =>
    route.fulfill({ status: 404, body: 'gone' }),
  );
  context.setDefaultTimeout(hangingMs);
  const bare = await context.newPage();
  await bare.goto(studio.url);
  await byId(bare, 'open-recipe').waitFor({ state: 'attached' });
  // Failed for good, not still trying.
  await expect.poll(() => bare.locator('body').innerText()).toMatch(/404|manifest\.json/);
  const file = join(scratch, 'recipe.json');
  writeFileSync(file, JSON.stringify(made));
  await bare.keyboard.press('r');
  await byId(bare, 'recipe-file').setInputFiles(file);
  const report = await untilText(bare, 'recipe-report', /No models are open/);
  for (const role of roles)
    expect(report).toContain(
      ((made.inputs as Record<string, { sha256: string }>)[role]?.sha256 ?? '?').slice(0, 12),
    );
  await context.unrouteAll();
  await byId(bare, 'recipe-models').click();
  await byId(bare, 'open-demo').click();
  await untilText(bare, 'recipe-report', /All three models are the recipe’s own/);
  await byId(bare, 'recipe-apply').click();
  await byId(bare, 'recipe-dialog').waitFor({ state: 'hidden' });
  expect(await byId(bare, 'undo').getAttribute('title')).toMatch(/Open recipe\.json/);
  await context.close();
});
