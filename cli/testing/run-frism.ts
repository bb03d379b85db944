/** For tests of the command line: one command as a person gives it, and folders that go when a test has ended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { main } from '../main.ts';

export const demo = (role: string): string =>
  fileURLToPath(new URL(`../../public/models/demo/${role}`, import.meta.url));
export const trio = ['--base', demo('base'), '--vlm', demo('vlm'), '--lrm', demo('lrm')];
const scratch: string[] = [];
export const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'frism-cli-'));
  scratch.push(folder);
  return folder;
};
afterEach(() => scratch.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

export async function frism(...words: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await main(
    words,
    { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text), live: false },
    new AbortController().signal,
  );
  return {
    code,
    stdout,
    stderr,
    json: (words.includes('--json') && stdout ? JSON.parse(stdout) : {}) as Record<string, unknown>,
  };
}
