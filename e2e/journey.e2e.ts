/**
 * The main job, as a person does it, in the built site: the demo opens, its gates are distilled with the
 * default settings, the result is measured and asked, exported, and the export is opened again as a model of
 * its own. No fixture stands in for any part of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { parseHeader } from '../core/safetensors/header.ts';
import { answers, reopenAsVlm, unpack } from './asking.ts';
import {
  byId,
  demoFolder,
  downloadBy,
  enter,
  onStudio,
  root,
  scratchFolder,
  untilDemoReady,
  untilText,
} from './support.ts';

interface Rate {
  readonly rate: number;
  readonly wilson95: readonly [number, number];
}
interface Evidence {
  readonly vlm: { readonly perception: Rate; readonly solve: Rate };
  readonly shipped: { readonly frism: readonly { readonly perception: Rate; readonly solve: Rate }[] };
}

let page: Page;
let errors: string[];
const scratch = scratchFolder();
const exported = join(scratch, 'merged');

onStudio((opened) => ({ page, errors } = opened), { wholeDemo: true });

const value = async (id: string): Promise<number> => Number(await byId(page, id).getAttribute('data-value'));

/** A measurement of the gates as they now are. */
async function untilMeasured(): Promise<void> {
  await page.waitForFunction(() => {
    const shown = document.querySelector<HTMLElement>('[data-testid="evaluation-reasoning"]');
    return (
      shown?.dataset.value !== '' &&
      shown?.dataset.stale === 'false' &&
      !document.querySelector('[data-testid="measuring"]')
    );
  });
}

describe('the main job', () => {
  let mergedAnswer = '';

  test('the demo opens by itself, every layer with its spectrum, on a backend that says why', async () => {
    await untilDemoReady(page);
    expect(await page.locator('[data-testid^="layer-row-"]').count()).toBe(28);
    expect(await byId(page, 'backend-chip').textContent()).toMatch(/WebAssembly/);
    // The adapter of this browser is software; it must not have been chosen, and the page must be isolated
    // for threads.
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    // One worker computes; tfjs's pool of eight threads stands beside it only where there is more than one
    // core to spare.
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect(page.workers()).toHaveLength(cores > 2 ? 9 : 1);
    await byId(page, 'backend-chip').click();
    await page
      .getByText(/software/i)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
  });

  test('the default run reaches the recorded figures', async () => {
    await byId(page, 'play').click();
    await untilText(page, 'run-state', /running/);
    await untilText(page, 'run-state', /finished/);
    await untilMeasured();
    const recorded = JSON.parse(readFileSync(join(root, 'zoo', 'evidence.json'), 'utf8')) as Evidence;
    const intervals = (key: 'perception' | 'solve'): readonly [number, number] => {
      const seeds = recorded.shipped.frism.map((seed) => seed[key].wilson95);
      return [Math.min(...seeds.map(([low]) => low)), Math.max(...seeds.map(([, high]) => high))];
    };
    const measured = {
      perception: await value('evaluation-perception'),
      solve: await value('evaluation-reasoning'),
    };
    console.log(
      'default run in the browser:',
      measured,
      'recorded intervals:',
      intervals('perception'),
      intervals('solve'),
    );
    for (const key of ['perception', 'solve'] as const) {
      const [low, high] = intervals(key);
      expect(measured[key], key).toBeGreaterThanOrEqual(low);
      expect(measured[key], key).toBeLessThanOrEqual(high);
    }
    // And far beyond what the VLM does alone.
    expect(measured.solve).toBeGreaterThan(recorded.vlm.solve.wilson95[1] + 0.3);
  });

  test('an image is asked of all three', async () => {
    const said = await answers(page);
    expect(said.lrm).toContain('=');
    expect(said.merged).toContain('=');
    mergedAnswer = said.merged;
    // The first example shows what merging does: what is right is known, and only reading does not get there.
    const card = (name: string) => page.getByRole('article', { name, exact: true });
    await card('Merged').getByText('✓ right').waitFor();
    await card('VLM').getByText('✗ wrong').waitFor();
    await card('LRM').getByText('and the question').waitFor();
    await page.getByText('The right answer is 2*3+2=6+2=8').waitFor();
  });

  test('the export holds the merge: untouched tensors byte for byte, all others changed', async () => {
    await unpack(await downloadBy(page, 'export'), exported);
    await byId(page, 'export-summary').waitFor();
    const open = (
      file: string,
    ): { readonly bytes: Buffer; readonly header: ReturnType<typeof parseHeader> } => {
      const bytes = readFileSync(file);
      return { bytes, header: parseHeader(bytes, bytes.length, file) };
    };
    const ours = open(join(exported, 'model.safetensors'));
    const vlm = open(join(demoFolder('vlm'), 'model.safetensors'));
    expect(ours.header.tensors.map(({ name }) => name)).toEqual(vlm.header.tensors.map(({ name }) => name));
    let changed = 0;
    ours.header.tensors.forEach((tensor, i) => {
      const other = vlm.header.tensors[i];
      if (!other) throw new Error('unreachable: the names are equal');
      const same = ours.bytes
        .subarray(tensor.begin, tensor.end)
        .equals(vlm.bytes.subarray(other.begin, other.end));
      const merged =
        /text_model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\.weight$/.test(
          tensor.name,
        );
      expect(same, tensor.name).toBe(!merged);
      if (!same) changed += 1;
    });
    expect(changed).toBe(28);
    expect(ours.header.metadata.has('frism_recipe')).toBe(true);
  });

  test('a gate taken by hand during a run stays where it was put', async () => {
    await byId(page, 'reset-gates').click();
    await byId(page, 'layer-row-layers.1.self_attn.v_proj').click();
    await enter(page, 'option-steps', '40');
    await byId(page, 'play').click();
    await untilText(page, 'step-counter', /^\s*([3-9]|\d\d) \/ 40/);
    const handle = byId(page, 'gate-handle-3');
    const box = await handle.boundingBox();
    if (!box) throw new Error('The handle is not on the screen.');
    const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const plot = await byId(page, 'gate-editor-plot').boundingBox();
    if (!plot) throw new Error('The editor is not on the screen.');
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, plot.y + plot.height * 0.35, { steps: 5 });
    await page.mouse.up();
    await untilText(page, 'locked-count', /^[1-9]\d* \/ 128/);
    const put = Number(await handle.getAttribute('aria-valuenow'));
    const free = Number(await byId(page, 'gate-handle-8').getAttribute('aria-valuenow'));
    expect(await byId(page, 'run-state').textContent()).toMatch(/running/);
    await untilText(page, 'run-state', /finished/);
    expect(Number(await handle.getAttribute('aria-valuenow'))).toBe(put);
    // The others went on training meanwhile.
    expect(Number(await byId(page, 'gate-handle-8').getAttribute('aria-valuenow'))).not.toBe(free);
    // One gesture is one undo, and undoing frees the gates again.
    await byId(page, 'undo').click();
    await untilText(page, 'locked-count', /^0 \/ 128/);
    await byId(page, 'redo').click();
    await untilText(page, 'locked-count', /^[1-9]\d* \/ 128/);
    expect(Number(await handle.getAttribute('aria-valuenow'))).toBe(put);
  });

  test('the exported folder opens as a VLM of its own and gives the same answer', async () => {
    await reopenAsVlm(page, exported, scratch);
    const said = await answers(page);
    expect(said.vlm).toBe(mergedAnswer);
  });

  test('nothing went wrong unseen', () => {
    expect(errors).toEqual([]);
  });
});
