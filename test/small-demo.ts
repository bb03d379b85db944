/** The demo trio with the first few items of each of its data sets: what takes long with it is to look at them all. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Items of each set; every kind of question is among them. */
export const smallDemoItems = 24;
export const demoSets = ['calibration', 'composed', 'traces', 'perception', 'reasoning'] as const;

/** The text of a data set, with its first items alone. */
export function firstItems(set: string): string {
  const read = JSON.parse(set) as { items: unknown[] };
  return JSON.stringify({ ...read, items: read.items.slice(0, smallDemoItems) });
}

/** A folder as `public/models/demo`; it goes when the process ends. */
export function smallDemo(): string {
  const folder = mkdtempSync(join(tmpdir(), 'frism-small-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  cpSync(fileURLToPath(new URL('../public/models/demo', import.meta.url)), folder, { recursive: true });
  for (const set of demoSets) {
    const file = join(folder, 'data', `${set}.json`);
    writeFileSync(file, firstItems(readFileSync(file, 'utf8')));
  }
  return folder;
}
