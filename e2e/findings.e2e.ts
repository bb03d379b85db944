/** Models that were given in wrong roles: the export waits until that is accepted by its name. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import {
  byId,
  demoFolder,
  startStudio,
  untilDemoReady,
  untilText,
  type Studio,
  untilModelsOpen,
} from './support.ts';

let studio: Studio;
let page: Page;
let errors: string[];

beforeAll(async () => {
  studio = await startStudio();
  ({ page, errors } = await studio.open());
  await untilDemoReady(page);
});
afterAll(() => studio.close());

test('base and reasoning model exchanged: said in the export, which goes on once it is accepted', async () => {
  await byId(page, 'open-models').click();
  await byId(page, 'folder-base').setInputFiles(demoFolder('lrm'));
  await byId(page, 'folder-vlm').setInputFiles(demoFolder('vlm'));
  await byId(page, 'folder-lrm').setInputFiles(demoFolder('base'));
  await byId(page, 'open-folders').click();
  await untilModelsOpen(page);
  const finding = byId(page, 'finding-vlm-from-lrm');
  await finding.waitFor();
  expect(await finding.textContent()).toMatch(/If base and reasoning model were exchanged, exchange them/);
  const button = byId(page, 'export');
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await byId(page, 'accept-vlm-from-lrm').click();
  await untilText(page, 'finding-vlm-from-lrm', /Accepted for the export/);
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const bytes = await readFile(await download.path());
  // Stored, not packed: the recipe in the archive is readable as it is.
  expect(bytes.toString('latin1')).toContain('"code":"vlm-from-lrm","severity":"error"');
  await byId(page, 'accept-vlm-from-lrm').click();
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  expect(errors).toEqual([]);
});
