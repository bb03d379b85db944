/** Models that were given in wrong roles: the export waits until that is accepted by its name. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { byId, demoFolders, downloadBy, onDemo, openFolders, untilModelsOpen, untilText } from './support.ts';

let page: Page;
let errors: string[];

onDemo((opened) => ({ page, errors } = opened));

test('base and reasoning model exchanged: said in the export, which goes on once it is accepted', async () => {
  await openFolders(page, { ...demoFolders, base: demoFolders.lrm, lrm: demoFolders.base });
  await untilModelsOpen(page);
  const finding = byId(page, 'finding-vlm-from-lrm');
  await finding.waitFor();
  expect(await finding.textContent()).toMatch(/If base and reasoning model were exchanged, exchange them/);
  const button = byId(page, 'export');
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await byId(page, 'accept-vlm-from-lrm').click();
  await untilText(page, 'finding-vlm-from-lrm', /Accepted for the export/);
  const bytes = await readFile(await (await downloadBy(page, 'export')).path());
  // Stored, not packed: the recipe in the archive is readable as it is.
  expect(bytes.toString('latin1')).toContain('"code":"vlm-from-lrm","severity":"error"');
  await byId(page, 'accept-vlm-from-lrm').click();
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  expect(errors).toEqual([]);
});
