/** What is done and seen on the studio's page. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { testIds } from '../../../src/ui/test-ids.ts';

const firstLayer = 'layer-row-layers.0.self_attn.q_proj';

/** Until models are open, a session that was stored is put back, and nothing goes on. */
export async function untilReady(page: Page): Promise<void> {
  await page.getByTestId(firstLayer).waitFor();
  await page.waitForFunction(
    ({ play, loading }) => {
      const button = document.querySelector(`[data-testid="${play}"]`);
      return (
        button !== null &&
        button.ariaDisabled !== 'true' &&
        document.querySelector(`[data-testid="${loading}"]`) === null
      );
    },
    { play: testIds.play, loading: testIds.loading },
  );
}

export const enter = async (page: Page, id: string, value: string): Promise<void> => {
  await page.getByTestId(id).fill(value);
  await page.getByTestId(id).press('Enter');
};

export const click = (page: Page, id: string): Promise<void> => page.getByTestId(id).click();

const textOf = async (page: Page, id: string): Promise<string> =>
  (await page.getByTestId(id).textContent()) ?? '';

export const stepOf = async (page: Page): Promise<number> =>
  Number(/^\s*([\d,]+) \//.exec(await textOf(page, testIds.stepCounter))?.[1]?.replaceAll(',', ''));

export const runStateOf = (page: Page): Promise<string> => textOf(page, testIds.runState);

/** Selects one matrix, whose gates are edited. */
export async function selectFirst(page: Page): Promise<void> {
  await click(page, firstLayer);
}

/** Sets the selected gates; an edit has the number n as the gate n / 1000. */
export const edit = (page: Page, number: number): Promise<void> =>
  enter(page, 'band-value', (number / 1000).toFixed(3));

/** The number of the edit that the page shows; NaN where it is none. */
export async function editShown(page: Page): Promise<number> {
  const value = await page.getByTestId('band-value').inputValue();
  return value === '' ? NaN : Math.round(Number(value) * 1000);
}

/** Where recipes and models are saved. */
export const showExport = (page: Page): Promise<void> => page.getByRole('tab', { name: 'Export' }).click();

/** The gates as a recipe holds them. */
export async function gatesOf(page: Page): Promise<string> {
  await showExport(page);
  const download = page.waitForEvent('download');
  await click(page, testIds.saveRecipe);
  const file = await (await download).path();
  const recipe = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly slots?: unknown;
    readonly gates?: unknown;
  };
  return JSON.stringify(recipe.slots ?? recipe.gates);
}

/** Archives of exports in the browser's private file system. */
export const archivesLeft = (page: Page, wholeToo: boolean): Promise<readonly string[]> =>
  page.evaluate(async (all) => {
    const root = await navigator.storage.getDirectory();
    const exports = await root.getDirectoryHandle('exports').catch(() => null);
    const left: string[] = [];
    if (exports)
      for await (const [name, directory] of exports.entries()) {
        let isWhole = false;
        for await (const file of (directory as FileSystemDirectoryHandle).values())
          isWhole ||= (await (file as FileSystemFileHandle).getFile()).size > 0;
        if (all || !isWhole) left.push(name);
      }
    return left;
  }, wholeToo);
