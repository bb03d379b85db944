/** Nothing of what is handed on says where on this machine the models lie. */
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { roles } from '../core/family/trio.ts';
import { demo, frism, temporary } from './testing/run-frism.ts';

/** The demo in a folder with a telling name; its config.json has what a finding names. */
function lent(): { readonly home: string; readonly words: readonly string[] } {
  const home = join(temporary(), 'ann-confidential');
  for (const role of roles) cpSync(demo(role), join(home, role), { recursive: true });
  const config = join(home, 'vlm', 'generation_config.json');
  writeFileSync(config, JSON.stringify({ eos_token_id: 2, num_beams: 4 }));
  return { home, words: roles.flatMap((role) => [`--${role}`, join(home, role)]) };
}

test.each([
  ['task-arithmetic', 'merge.json'],
  ['iso-c', 'recipe.json'],
])('a merge by %s: card, record and headers have the names of the folders alone', async (method, record) => {
  const { home, words } = lent();
  vi.stubEnv('FRISM_CACHE', join(temporary(), 'cache'));
  const out = join(temporary(), 'out');
  // Secrets of the machine under names that an export would take along.
  writeFileSync(join(home, 'passwords.txt'), 'hunter2');
  writeFileSync(join(home, 'key'), 'hunter2');
  symlinkSync(join(home, 'passwords.txt'), join(home, 'vlm', 'passwords.txt'));
  symlinkSync(join(home, 'key'), join(home, 'vlm', 'LICENSE'));
  symlinkSync(join(home, 'nowhere'), join(home, 'vlm', 'NOTICE'));
  const { code, stderr, json } = await frism(
    'merge',
    ...words,
    ...['--method', method, '--layers', '1', '--kinds', 'q', '--out', out, '--json'],
  );
  vi.unstubAllEnvs();
  expect(code, stderr).toBe(0);
  const files = readdirSync(out);
  expect(files).toContain(record);
  for (const file of files) {
    const bytes = readFileSync(join(out, file));
    expect(bytes.includes('ann-confidential'), file).toBe(false);
    expect(bytes.includes(basename(join(home, '..'))), file).toBe(false);
    expect(bytes.includes('hunter2'), file).toBe(false);
  }
  const { inputs } = JSON.parse(readFileSync(join(out, record), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly label: string }>>;
  };
  expect(roles.map((role) => inputs[role]?.label)).toEqual(roles);
  const left = (json['leftOut'] as { readonly name: string }[]).map((one) => one.name);
  expect(left).toEqual(expect.arrayContaining(['passwords.txt', 'LICENSE', 'NOTICE']));
  vi.unstubAllEnvs();
});
