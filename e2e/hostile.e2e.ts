/**
 * What others wrote or damaged, in the built site: model folders that mean harm are refused by name and leave what is
 * open as it was, and a kept download that a disk has damaged is fetched again, which is said.
 */
import { roles } from '../core/family/trio.ts';
import { damagedDownload } from '../core/hub/damaged.ts';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderRepo } from '../test/hub-repo.ts';
import { startHub, type HubServer } from '../test/hub-server.ts';
import {
  byId,
  demoFolder,
  demoFolders,
  onDemo,
  openFolders,
  scratchFolder,
  untilModelsOpen,
  untilStored,
} from './support.ts';

let hub: HubServer;
let page: Page;
const scratch = scratchFolder();

beforeAll(async () => {
  hub = await startHub(
    Object.fromEntries(
      roles.map((role, i) => [`demo/${role}`, folderRepo(demoFolder(role), `${i}`.repeat(40))]),
    ),
  );
});
afterAll(() => hub.close());
onDemo((opened) => ({ page } = opened));

/** The demo's VLM with one file in another's words. */
function hostile(file: string, content: string | Uint8Array): string {
  const folder = join(scratch, file.replaceAll(/\W/g, '-'));
  cpSync(demoFolder('vlm'), folder, { recursive: true });
  writeFileSync(join(folder, file), content);
  return folder;
}

test('folders that mean harm are refused by the name of the file, and what is open stays as it was', async () => {
  await byId(page, 'layers-lock-all').click();
  const stands = async () => [
    await byId(page, 'model-vlm').textContent(),
    await byId(page, 'undo').getAttribute('title'),
  ];
  const before = await stands();
  expect(before[1]).toMatch(/lock/i);
  const header = '['.repeat(2_000_000);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, header.length, true);
  for (const [file, content] of [
    ['model.safetensors', Buffer.concat([length, Buffer.from(header)])],
    ['config.json', '{"a":'.repeat(1_000_000)],
  ] as const) {
    await openFolders(page, { ...demoFolders, vlm: hostile(file, content) });
    const said = byId(page, 'open-error').or(byId(page, 'open-dialog').getByRole('alert'));
    await said.filter({ hasText: file }).first().waitFor();
    expect(await stands()).toEqual(before);
  }
  await page.keyboard.press('Escape');
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
});

/** One bit in the middle of every kept piece of a download, as a disk would change it. */
const damageKept = () =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('hub');
    let damaged = 0;
    for await (const handle of folder.values()) {
      if (handle.kind !== 'file') continue;
      const file = await (handle as FileSystemFileHandle).getFile();
      if (file.size < 100_000) continue;
      const at = file.size >> 1;
      const [byte = 0] = new Uint8Array(await file.slice(at, at + 1).arrayBuffer());
      const writable = await (handle as FileSystemFileHandle).createWritable({ keepExistingData: true });
      await writable.write({ type: 'write', position: at, data: new Uint8Array([byte ^ 8]) });
      await writable.close();
      damaged += 1;
    }
    return damaged;
  });

test('a kept download that was damaged is fetched again after a reload, and that is said', async () => {
  await byId(page, 'open-models').click();
  for (const role of roles) {
    await byId(page, `source-${role}-hub`).check();
    await byId(page, `hub-repo-${role}`).fill(`demo/${role}`);
  }
  if (!(await byId(page, 'hub-endpoint').isVisible())) await page.getByText('Advanced').click();
  await byId(page, 'hub-endpoint').fill(hub.endpoint);
  await byId(page, 'open-folders').click();
  await untilModelsOpen(page);
  await untilStored(page, 'idle', 0);
  expect(await damageKept()).toBeGreaterThanOrEqual(3);
  hub.requests.length = 0;
  await page.reload();
  await page.getByText(damagedDownload).first().waitFor();
  await untilModelsOpen(page);
  // The weights of all three, whole.
  for (const role of roles)
    expect(
      hub.requests
        .filter(({ server, repo }) => server === 'storage' && repo === `demo/${role}`)
        .reduce((bytes, { sentBytes }) => bytes + sentBytes, 0),
    ).toBe(hub.repos[`demo/${role}`]?.files['model.safetensors']?.sizeBytes);
  expect(await page.getByText(damagedDownload).first().isVisible()).toBe(true);
});
