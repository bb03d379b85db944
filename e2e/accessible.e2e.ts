/**
 * axe-core finds nothing in any state of the page, in either theme; the keyboard comes back to where it was when a
 * dialog, a popover or a row goes away; and a screen reader is told what happens.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { byId, onStudio, root, untilDemoReady, untilText } from './support.ts';

declare const axe: { run(options: RunOptions): Promise<AxeResults> };

let page: Page;
let errors: string[];
const source = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

onStudio((opened) => ({ page, errors } = opened), { wholeDemo: true });

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Each violation as one line: the rule, the element, and what axe says of it. */
async function violations(): Promise<string[]> {
  const results = await page.evaluate(
    (values) => axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    tags,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}

/** No fading from here on: what is looked at is where colours end. Lasts until the page is loaded anew. */
const withoutFading = async (): Promise<void> =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important; }');
    document.adoptedStyleSheets.push(sheet);
  });

async function findsNothing(): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
    // A picture is taken of a whole frame: after it, styles are those of this theme everywhere.
    await page.screenshot();
    expect(await violations(), colorScheme).toEqual([]);
  }
}

const focused = (): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return (
      element?.getAttribute('data-testid') ??
      element?.getAttribute('aria-label') ??
      element?.textContent ??
      ''
    );
  });
const closes = async (): Promise<void> => {
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'hidden' });
};
const button = (name: string | RegExp) => page.getByRole('button', { name });
const tab = async (name: string): Promise<void> => page.getByRole('tab', { name }).click();

/** A file of the demo that is kept back until its opening has been looked at. */
const heldBack = '**/models/demo/lrm/model.safetensors';
let release = (): void => undefined;
const held = new Promise<void>((resolve) => (release = resolve));

/** What brings the page into a state, and back. */
const states: readonly (readonly [string, () => Promise<void>, (() => Promise<void>)?])[] = [
  [
    'while the demo is opened',
    async () => {
      await page.context().route(heldBack, async (route) => {
        await held;
        await route.continue();
      });
      await page.reload();
      await page.evaluate(source);
      await withoutFading();
      await byId(page, 'loading').waitFor();
    },
    async () => release(),
  ],
  ['with the demo open', async () => untilDemoReady(page)],
  ['the dialog that opens models', async () => byId(page, 'open-models').click(), closes],
  ['the pairing report', async () => button(/^Pairing/).click(), closes],
  ['the keyboard help', async () => byId(page, 'help').click(), closes],
  ['the calibration dialog', async () => byId(page, 'calibration').click(), closes],
  ['the recipe dialog', async () => page.keyboard.press('r'), closes],
  ['the settings of a run', async () => button('Settings').click(), closes],
  ['the subspace budget', async () => byId(page, 'budget').click(), closes],
  ['the presets', async () => byId(page, 'presets').click(), closes],
  ['sorting and columns', async () => byId(page, 'layers-columns').click(), closes],
  ['a model', async () => byId(page, 'model-vlm').click(), closes],
  ['the compute device', async () => byId(page, 'backend-chip').click(), closes],
  ['the methods', async () => tab('Methods')],
  ['the log', async () => tab('Log'), async () => tab('Export')],
  [
    'the gate map as a table',
    async () => byId(page, 'gate-map-table').click(),
    async () => byId(page, 'gate-map-table').click(),
  ],
  [
    'a refusal',
    async () => {
      await byId(page, 'undo').click({ force: true });
      await byId(page, 'toast').waitFor();
    },
    // A warning goes by itself, which it may have done meanwhile.
    async () => byId(page, 'toast').waitFor({ state: 'hidden' }),
  ],
  [
    'a run that goes on',
    async () => {
      await byId(page, 'play').click();
      await untilText(page, 'run-state', /running/);
    },
  ],
  [
    'a run that waits, with the second teacher',
    async () => {
      await byId(page, 'pause').click();
      await untilText(page, 'run-state', /paused/);
      await byId(page, 'take-snapshot').click();
    },
    async () => {
      await byId(page, 'stop').click();
      await untilText(page, 'run-state', /stopped/);
    },
  ],
  ['a run that has ended', async () => byId(page, 'snapshot').first().waitFor()],
  [
    'what was measured',
    async () => {
      await page.getByRole('combobox', { name: 'items a set' }).selectOption('50');
      await byId(page, 'evaluate').click();
      await page.waitForFunction(
        () =>
          document.querySelector<HTMLElement>('[data-testid="evaluation-reasoning"]')?.dataset.value !== '' &&
          !document.querySelector('[data-testid="measuring"]'),
      );
    },
  ],
  [
    'three answers',
    async () => {
      await byId(page, 'ask').click();
      await page.waitForFunction(
        () =>
          !/^(–|answering…)$/.test(
            document.querySelector('[data-testid="answer-merged"]')?.textContent ?? '–',
          ) && !document.querySelector('[aria-busy="true"]'),
      );
    },
  ],
  [
    'every gate locked',
    async () => {
      await byId(page, 'layers-lock-all').click();
      await byId(page, 'play').click({ force: true });
      await byId(page, 'toast').getByRole('button', { name: 'Unlock all gates' }).waitFor();
    },
    async () => byId(page, 'toast').getByRole('button', { name: 'Unlock all gates' }).click(),
  ],
];

describe('axe-core finds nothing', () => {
  test.each(states.map(([name, enter, leave]) => ({ name, enter, leave })))(
    '$name',
    async ({ enter, leave }) => {
      await enter();
      try {
        await findsNothing();
      } finally {
        // What covers the page would stand before the next state, and hide what is wrong with it.
        await leave?.();
      }
    },
  );
});

describe('the keyboard', () => {
  test.each([['open-models'], ['help'], ['calibration']])('comes back from the dialog to %s', async (id) => {
    await byId(page, id).focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Tab');
    await closes();
    expect(await focused()).toBe(id);
  });

  test.each([['budget'], ['presets'], ['layers-columns'], ['backend-chip']])(
    'comes back from the popover to %s',
    async (id) => {
      await byId(page, id).focus();
      await page.keyboard.press('Enter');
      // It is shown once it has been placed, a frame later.
      const popover = page.locator('[popover]:popover-open');
      await popover.waitFor();
      await popover.locator('button, input, select, summary').first().focus();
      await page.keyboard.press('Escape');
      await expect.poll(focused).toBe(id);
    },
  );

  test('stays in the list of which a row is deleted, and the row can be had back', async () => {
    await byId(page, 'reset-gates').click();
    await byId(page, 'take-snapshot').click();
    const rows = byId(page, 'snapshot');
    const count = await rows.count();
    expect(count).toBeGreaterThan(1);
    const names = await rows.allTextContents();
    const deletes = page.getByRole('button', { name: /^Delete / });
    await deletes.first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(count - 1);
    expect(await focused()).toMatch(/^Delete /);
    await byId(page, 'restore-deleted').click();
    expect(await rows.allTextContents()).toEqual(names);
  });

  test('stays near a notice that is dismissed', async () => {
    await byId(page, 'redo').focus();
    await page.keyboard.press('Enter');
    const dismiss = byId(page, 'toast').getByRole('button', { name: 'Dismiss' });
    await dismiss.focus();
    await page.keyboard.press('Enter');
    await byId(page, 'toast').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('redo');
  });
});

describe('a screen reader', () => {
  test('is told of locks, undo and runs, and rows say gate and lock', async () => {
    await byId(page, 'layers-lock-all').click();
    await untilText(page, 'announcer', /Lock all\./);
    const row = byId(page, 'layer-row-layers.0.self_attn.q_proj');
    const name = row.locator('[data-live-name]');
    await expect.poll(() => name.textContent()).toMatch(/mean gate \d\.\d\d, locked$/);
    await byId(page, 'undo').click();
    await untilText(page, 'announcer', /Undone: Lock all\./);
    await expect.poll(() => name.textContent()).toMatch(/mean gate \d\.\d\d, free$/);
    await byId(page, 'step').click();
    await untilText(page, 'announcer', /Run \d+ /);
    await untilText(page, 'run-state', /paused/);
    await untilText(page, 'announcer', /The run waits at step 1 of/);
    await byId(page, 'stop').click();
    await untilText(page, 'announcer', /Run \d+ was stopped at step 1\./);
  });

  test('nothing went wrong unseen', () => {
    expect(errors).toEqual([]);
  });
});
