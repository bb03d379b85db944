/**
 * Asking the models, and taking an export out of the studio and back into it: what more than one journey
 * does.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Download, Page } from 'playwright-core';
import { byId, demoFolders, openFolders, untilModelsOpen } from './support.ts';

/** What the three say to `solve` on the image that is there. */
export async function answers(page: Page): Promise<Record<'vlm' | 'lrm' | 'merged', string>> {
  await byId(page, 'question').fill('solve');
  await byId(page, 'ask').click();
  await page.waitForFunction(() => {
    const merged = document.querySelector<HTMLElement>('[data-testid="answer-merged"]');
    return (
      merged?.dataset.stale === 'false' &&
      !/^(–|.*…)$/.test(merged.textContent ?? '') &&
      !document.querySelector('[aria-busy="true"]')
    );
  });
  const read = async (who: string): Promise<string> =>
    (await byId(page, `answer-${who}`).textContent()) ?? '';
  return { vlm: await read('vlm'), lrm: await read('lrm'), merged: await read('merged') };
}

/** A downloaded archive's files, without the folder they lie in. */
export async function unpack(download: Download, folder: string): Promise<void> {
  const archive = unzipSync(readFileSync(await download.path()));
  for (const [path, bytes] of Object.entries(archive)) {
    const target = join(folder, path.split('/').slice(1).join('/') || path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/**
 * Opens an exported folder as the VLM of the demo trio, with the image that was asked about, through the
 * front door: as files.
 */
export async function reopenAsVlm(page: Page, exported: string, scratch: string): Promise<void> {
  const picture = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(
      'canvas[aria-label^="A board"], canvas[aria-label^="The image"]',
    );
    return canvas?.toDataURL('image/png').split(',')[1] ?? '';
  });
  const file = join(scratch, 'board.png');
  writeFileSync(file, Buffer.from(picture, 'base64'));
  await openFolders(page, { ...demoFolders, vlm: exported });
  await untilModelsOpen(page);
  await page.locator('input[type="file"][accept^="image"]').setInputFiles(file);
}
