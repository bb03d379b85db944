/**
 * A session of local folders comes back through the handles that the browser gives with them: real ones, of a folder
 * that is dropped from another window. No test can answer the browser's own question, so that alone is made up.
 */
import { cpSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { byId, onStudio, root, scratchFolder, untilDemoReady, untilStored, untilText } from './support.ts';

let page: Page;
let errors: string[];
const folder = join(scratchFolder(), 'my-trio');

onStudio(({ page: opened, errors: found }) => {
  cpSync(join(root, 'public', 'models', 'demo'), folder, { recursive: true });
  page = opened;
  errors = found;
});

/** As a person drops a folder of the disk onto the middle of the page. */
async function drop(path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { x, y, width, height } = (await page.locator('main').boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 9,
    height: 9,
  };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', {
      type,
      x: x + width / 2,
      y: y + height / 2,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
  await devtools.detach();
}

/** From the next load on the browser wants to ask, and takes an answer only after a click, as a new visit has it. */
const askFromNowOn = (): ReturnType<Page['addInitScript']> =>
  page.addInitScript(() => {
    let allowed = false;
    Object.assign(FileSystemHandle.prototype, {
      queryPermission: async () => (allowed ? 'granted' : 'prompt'),
      async requestPermission() {
        if (!navigator.userActivation.isActive) throw new DOMException('A click is needed.', 'SecurityError');
        allowed = true;
        return 'granted';
      },
    });
  });

test('a folder that was dropped opens by itself after a reload, by a click where the browser asks, and waits where it is gone', async () => {
  await untilDemoReady(page);
  await drop(folder);
  await untilText(page, 'trio-folder', new RegExp(`“${basename(folder)}” is a trio`));
  await byId(page, 'open-folders').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await untilDemoReady(page);
  await byId(page, 'take-snapshot').click();
  const kept = byId(page, 'snapshot').filter({ hasText: 'Kept 1' });
  await kept.waitFor();
  await untilStored(page, 'idle', 0, { snapshots: 1, source: 'manifest-folder' });

  await page.reload();
  await kept.waitFor();
  expect(await byId(page, 'waiting-session').count()).toBe(0);

  await askFromNowOn();
  await page.reload();
  await untilText(page, 'waiting-session', /asks you before this page reads “my-trio” again/);
  expect(await kept.count()).toBe(0);
  await page.getByRole('button', { name: 'Allow the folders' }).click();
  await kept.waitFor();
  await byId(page, 'waiting-session').waitFor({ state: 'hidden' });

  renameSync(folder, `${folder}-moved`);
  await page.reload();
  await byId(page, 'reopen-waiting').click();
  await untilText(
    page,
    'waiting-session',
    /“my-trio” is no longer where it was\. Choose the same models again/,
  );
  expect(await byId(page, 'reopen-waiting').count()).toBe(0);
  // Chosen by the button, in another place.
  renameSync(`${folder}-moved`, `${folder}-again`);
  await byId(page, 'open-models').click();
  await byId(page, 'folder-together').setInputFiles(`${folder}-again`);
  await untilText(page, 'trio-folder', /is a trio/);
  await byId(page, 'open-folders').click();
  await kept.waitFor();
  expect(errors).toEqual([]);
});
