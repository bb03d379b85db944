/**
 * What goes wrong must say so in a sentence and leave the session usable: each journey here ends with the
 * demo still there and able to run.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  byId,
  demoFolder,
  demoFolders,
  onDemo,
  openFolders,
  root,
  scratchFolder,
  untilDemoReady,
  untilText,
} from './support.ts';

let page: Page;
const scratch = scratchFolder();

onDemo((opened) => ({ page } = opened), { dark: true });

async function sentence(): Promise<string> {
  const error = byId(page, 'open-error');
  await error.waitFor();
  return (await error.textContent()) ?? '';
}

/** One step of distillation on the session that was there before. */
async function stillRuns(): Promise<void> {
  if (await byId(page, 'open-dialog').isVisible()) await page.keyboard.press('Escape');
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await byId(page, 'reset-gates').click();
  await untilDemoReady(page);
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await byId(page, 'stop').click();
  await untilText(page, 'run-state', /stopped|finished/);
}

describe('faults', () => {
  test('a file that is not safetensors', async () => {
    const folder = join(scratch, 'not-safetensors');
    cpSync(demoFolder('vlm'), folder, { recursive: true });
    writeFileSync(join(folder, 'model.safetensors'), 'These are not weights, whatever the name says.');
    await openFolders(page, { ...demoFolders, vlm: folder });
    expect(await sentence()).toMatch(/model\.safetensors/);
    await stillRuns();
  });

  test('a reasoning model of another architecture', async () => {
    await openFolders(page, {
      ...demoFolders,
      lrm: join(root, 'zoo', 'reference', 'nn', 'tiny-qwen3'),
    });
    expect(await sentence()).toMatch(/LRM|reasoning/i);
    await stillRuns();
  });

  test('a folder without a model', async () => {
    const folder = join(scratch, 'empty');
    cpSync(join(demoFolder('lrm'), 'tokenizer.json'), join(folder, 'tokenizer.json'));
    await byId(page, 'open-models').click();
    await byId(page, 'folder-lrm').setInputFiles(folder);
    // Said at once, beside the folder, and opening is not offered.
    const dialog = byId(page, 'open-dialog');
    await dialog.getByText('There is no config.json in').waitFor();
    expect(await byId(page, 'open-folders').isDisabled()).toBe(true);
    await stillRuns();
  });

  test('a load that is cancelled', async () => {
    // A server that never gets to the point: the load can only end by being cancelled.
    let asked = false;
    await page.context().route('**/models/demo/lrm/model.safetensors', () => {
      asked = true;
    });
    await byId(page, 'open-models').click();
    await byId(page, 'open-demo').click();
    const cancel = byId(page, 'open-dialog').getByTestId('cancel-loading');
    await expect.poll(() => asked).toBe(true);
    await cancel.click();
    await page.context().unrouteAll();
    await page.waitForFunction(() => document.querySelector('[data-testid="loading"]') === null);
    await stillRuns();
  });

  test('a worker that dies', async () => {
    const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
    if (!worker) throw new Error('The engine worker is not there.');
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('killed by the test');
      }, 0);
    });
    await byId(page, 'restart-banner').waitFor();
    expect(await byId(page, 'restart-banner').textContent()).toMatch(/stopped|restart/i);
    await byId(page, 'restart-compute').click();
    await byId(page, 'restart-banner').waitFor({ state: 'hidden' });
    await untilDemoReady(page);
    await stillRuns();
  });

  test('a graphics device that is lost: compute starts again by itself, with models and gates', async () => {
    // Devices that the worker asks for from now on.
    const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
    if (!worker) throw new Error('The engine worker is not there.');
    await worker.evaluate(() => {
      const ask = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...asked) {
        const device = await ask.apply(this, asked);
        Object.assign(globalThis, { newest: device });
        return device;
      };
    });
    await byId(page, 'layers-lock-all').click();
    const row = 'layer-row-layers.0.self_attn.q_proj';
    const locked = await untilText(page, row, /locked/);
    const vlm = await byId(page, 'model-vlm').textContent();
    await byId(page, 'backend-chip').click();
    await byId(page, 'backend-webgpu').click();
    await untilText(page, 'backend-chip', /WebGPU/);
    await byId(page, 'loading').waitFor();
    await byId(page, 'loading').waitFor({ state: 'hidden' });
    await worker.evaluate(() => (globalThis as unknown as { newest: GPUDevice }).newest.destroy());
    await page
      .getByText(
        /device was lost.* started again by itself, and the models were opened again with their gates/,
      )
      .waitFor();
    expect(await byId(page, 'backend-chip').textContent()).toBe('WebGPU');
    expect(await byId(page, 'model-vlm').textContent()).toBe(vlm);
    await expect.poll(() => byId(page, row).textContent()).toBe(locked);
    expect(await byId(page, 'restart-banner').isVisible()).toBe(false);
  });
});
