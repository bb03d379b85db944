/**
 * Some layers of a trio: chosen in the dialog, counted before they are opened, alone in the studio, alone in
 * what is exported; and the memory that is said.
 */
import { roles } from '../core/family/trio.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { parseRecipe } from '../core/recipe/parse.ts';
import { unpack } from './asking.ts';
import { byId, demoFolder, downloadBy, onDemo, scratchFolder, untilText } from './support.ts';

let page: Page;
let errors: string[];
const scratch = scratchFolder();

onDemo((opened) => ({ page, errors } = opened));

test('beside the subspace budget stands what a run takes, by part, of what there is', async () => {
  await byId(page, 'budget').click();
  const memory = byId(page, 'run-memory');
  expect(await memory.getAttribute('data-verdict')).toBe('fits');
  expect(await memory.innerText()).toMatch(
    /About\s+\d+ MB\s+of 4\.3 GB[\s\S]*Factors of the open matrices\s+5\.1 MB/,
  );
  expect(await memory.getByRole('img').getAttribute('aria-label')).toMatch(
    /^\d+ MB of 4\.3 GB: .*Factors of the open matrices 5\.1 MB/,
  );
  await page.keyboard.press('Escape');
});

test('layers are counted while they are typed; what is not there cannot be opened', async () => {
  await byId(page, 'open-models').click();
  for (const role of roles) await byId(page, `folder-${role}`).setInputFiles(demoFolder(role));
  await byId(page, 'check-models').click();
  await byId(page, 'preview-memory').waitFor();
  expect(await byId(page, 'preview-memory').innerText()).toMatch(
    /^Opening needs about .* A run takes about \d+ MB of 4\.3 GB/,
  );
  await untilText(page, 'layers-count', /^28 of 28 matrices, 3,584 gates/);
  await byId(page, 'layers-to-open').fill('2-5');
  await page.getByText('Not there: 4-5. These models have 0-3.').waitFor();
  expect(await byId(page, 'open-folders').isDisabled()).toBe(true);
  await byId(page, 'layers-to-open').fill('0-3/2');
  await byId(page, 'kinds-to-open').fill('v,down');
  await untilText(
    page,
    'layers-count',
    /^4 of 28 matrices, 512 gates\. The others stay as they are in the VLM\./,
  );
});

test('they alone are opened, and what is exported differs in them alone', async () => {
  await byId(page, 'open-folders').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: /^Pairing/ }).click();
  await page.getByText('4 of 28 linear layers are open: layers 0,2, v and down.').waitFor();
  await page.keyboard.press('Escape');
  await byId(page, 'layer-row-layers.2.mlp.down_proj').waitFor();
  expect(await page.locator('[data-testid^="layer-row-layers."]').count()).toBe(4);
  await unpack(await downloadBy(page, 'export'), scratch);
  await untilText(page, 'export-summary', /4 tensors changed/);
  expect(parseRecipe(readFileSync(join(scratch, 'recipe.json'), 'utf8')).slots.map(({ id }) => id)).toEqual(
    [0, 2].flatMap((layer) => [`layers.${layer}.self_attn.v_proj`, `layers.${layer}.mlp.down_proj`]),
  );
  expect(errors).toEqual([]);
});
