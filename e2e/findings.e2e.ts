/** Models that were given in wrong roles: run and export wait until that is accepted by its name, once for both. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { byId, demoFolders, downloadBy, onDemo, openFolders, untilModelsOpen, untilText } from './support.ts';

let page: Page;
let errors: string[];

onDemo((opened) => ({ page, errors } = opened));

test('base and reasoning model exchanged: said in the report and in the export, and run and export go on once it is accepted', async () => {
  await openFolders(page, { ...demoFolders, base: demoFolders.lrm, lrm: demoFolders.base });
  await untilModelsOpen(page);
  const finding = byId(page, 'finding-vlm-from-lrm');
  await finding.waitFor();
  expect(await finding.textContent()).toMatch(/If base and reasoning model were exchanged, exchange them/);
  const button = byId(page, 'export');
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  const run = byId(page, 'play');
  expect(await run.getAttribute('aria-disabled')).toBe('true');
  // The way out that its press offers is the report, and the report takes the answer.
  await run.click({ force: true });
  await byId(page, 'toast').getByRole('button', { name: 'How the models fit together' }).click();
  await byId(page, 'accept-in-report-vlm-from-lrm').click();
  await page.keyboard.press('Escape');
  await untilText(page, 'finding-vlm-from-lrm', /Accepted for run and export/);
  // Folders bring no images, which is the last thing that a run waits for.
  await run.click({ force: true });
  await untilText(page, 'toast', /These models bring no calibration images/);
  const bytes = await readFile(await (await downloadBy(page, 'export')).path());
  // Stored, not packed: the recipe in the archive is readable as it is.
  expect(bytes.toString('latin1')).toContain('"code":"vlm-from-lrm","severity":"error"');
  await byId(page, 'accept-vlm-from-lrm').click();
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  expect(errors).toEqual([]);
});
