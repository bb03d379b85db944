/** A merge by a method without gates, on the built page: TIES is chosen, set, measured, asked and exported. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { unpack } from './asking.ts';
import { byId, downloadBy, enter, onDemo, scratchFolder, untilText } from './support.ts';

let page: Page;
let errors: string[];
const scratch = scratchFolder();

onDemo(
  async (opened) => {
    ({ page, errors } = opened);
    await page.getByRole('tab', { name: 'Methods' }).click();
  },
  { wholeDemo: true },
);

test('TIES is chosen with its settings, measured, asked and exported', async () => {
  const methods = byId(page, 'methods');
  const tradeoff = page.getByRole('region', { name: 'Trade-off' });
  await byId(page, 'method-choice').selectOption('ties');
  await methods.getByText('those of the elected sign are averaged').first().waitFor();
  await enter(page, 'method-setting-density', '0.5');

  await page.getByLabel('items a set').selectOption('50');
  await byId(page, 'measure-method').click();
  const point = page.locator('[data-testid="tradeoff-point"][data-kind="method"]');
  await point.waitFor();
  await page.getByText('other methods').waitFor();
  await tradeoff.getByRole('button', { name: 'Show as a table' }).click();
  await page.getByRole('cell', { name: /TIES, d 0\.5, λ 1/ }).waitFor();
  await tradeoff.getByRole('button', { name: 'Show the plot' }).click();

  await byId(page, 'question').fill('solve');
  await byId(page, 'ask-method').click();
  const card = page.getByRole('article', { name: 'TIES' });
  await card.waitFor();
  expect(await byId(page, 'answer-merged').textContent()).not.toMatch(/^(–|answering…)$/);
  expect(await byId(page, 'answer-merged').getAttribute('data-stale')).toBe('false');

  const download = await downloadBy(page, 'export-method');
  await untilText(page, 'export-summary', /Merged by TIES, d 0\.5, λ 1.*28 tensors changed/);
  await unpack(download, scratch);
  const record = JSON.parse(readFileSync(join(scratch, 'merge.json'), 'utf8')) as {
    readonly metrics: readonly { readonly name: string; readonly total: number }[];
  };
  expect(record).toMatchObject({
    format: 'frism-merge',
    method: 'ties',
    settings: { density: 0.5, lambda: 1, 'vlm-weight': 1, 'lrm-weight': 1 },
  });
  expect(record.metrics.map(({ name, total }) => [name, total])).toEqual([
    ['perception', 50],
    ['reasoning', 50],
  ]);
  const readme = readFileSync(join(scratch, 'README.md'), 'utf8');
  expect(readme).toMatch(/merged by ties \(density = 0\.5, lambda = 1/);
  expect(readme).toContain('measured this very merge');
  expect(errors).toEqual([]);
});
