/** What is found in the models reaches the commands that act on them: it is told, it stops, and it is written down. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRecipe } from '../core/recipe/parse.ts';
import { parseHeader, headerLength } from '../core/safetensors/header.ts';
import { demo, frism, temporary } from './testing/run-frism.ts';

type Roles = Partial<Record<'base' | 'vlm' | 'lrm', string>>;
const words = (roles: Roles): string[] =>
  (['base', 'vlm', 'lrm'] as const).flatMap((role) => [`--${role}`, roles[role] ?? demo(role)]);

/** A copy of one of the demo's models, for a test to change. */
function copyOf(role: string): string {
  const folder = join(temporary(), role);
  cpSync(demo(role), folder, { recursive: true });
  return folder;
}

/** The same model with its float16 weights in another order, so that it is kin to none. */
function shuffled(role: string): string {
  const folder = copyOf(role);
  const file = join(folder, 'model.safetensors');
  const bytes = new Uint8Array(readFileSync(file));
  const begin = 8 + headerLength(bytes.subarray(0, 8), bytes.length, file);
  parseHeader(bytes.subarray(0, begin), bytes.length, file);
  const halves = new Uint16Array(bytes.slice(begin).buffer);
  bytes.set(new Uint8Array(halves.reverse().buffer), begin);
  writeFileSync(file, bytes);
  return folder;
}

function withConfig(role: string, change: Readonly<Record<string, unknown>>): string {
  const folder = copyOf(role);
  const file = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...config, ...change }));
  return folder;
}

/** A VLM that contains the reasoning model already: the demo's, merged with it once. */
async function mergedOnce(): Promise<string> {
  const out = join(temporary(), 'merged-once');
  expect((await frism('merge', ...words({}), '--out', out, '--quiet')).code).toBe(0);
  return out;
}

const wrong: Readonly<Record<string, () => Roles | Promise<Roles>>> = {
  'lrm-not-from-base': () => ({ lrm: shuffled('lrm') }),
  'vlm-not-from-base': () => ({ base: demo('base'), vlm: shuffled('vlm') }),
  'base-not-of-both': () => ({ base: shuffled('base') }),
  'heads-differ': () => ({ lrm: withConfig('lrm', { num_attention_heads: 8, num_key_value_heads: 8 }) }),
  'lrm-equals-base': () => ({ lrm: demo('base') }),
  'lrm-equals-vlm': () => ({ lrm: demo('vlm') }),
  'vlm-from-lrm': async () => ({ vlm: await mergedOnce() }),
};

test.each(Object.keys(wrong))('%s stops a merge until it is accepted', async (code) => {
  const roles = (await wrong[code]?.()) ?? {};
  const out = join(temporary(), 'out');
  const stopped = await frism('merge', ...words(roles), '--out', out, '--json', '--quiet');
  expect(stopped.code).toBe(1);
  expect(existsSync(out)).toBe(false);
  expect(stopped.stderr).toContain(code);
  const { error } = stopped.json as { error: { code: string; message: string; findings: string[] } };
  expect(error.code).toBe('mismatch');
  expect(error.findings).toContain(code);
  expect(error.message).toContain(`--accept-findings ${error.findings.join(',')}`);

  const accept = error.findings.flatMap((each) => ['--accept-findings', each]);
  const done = await frism('merge', ...words(roles), ...accept, '--out', out, '--json', '--quiet');
  expect(done.code).toBe(0);
  expect(done.stderr).toContain('✗');
  expect(done.json['findings']).toContainEqual(
    expect.objectContaining({ code, severity: 'error', accepted: true }),
  );
  const record = JSON.parse(readFileSync(join(out, 'merge.json'), 'utf8')) as { findings: unknown };
  expect(record.findings).toContainEqual(expect.objectContaining({ code, severity: 'error' }));
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(
    new RegExp(`## Findings accepted[^]*\`${code}\``),
  );
});

test('base and reasoning model exchanged: said as what the VLM was tuned from', async () => {
  const { code, stderr } = await frism(
    'merge',
    ...words({ base: demo('lrm'), lrm: demo('base') }),
    '--out',
    join(temporary(), 'out'),
    '--quiet',
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/vlm-from-lrm: .*If base and reasoning model were exchanged, exchange them/);
});

test.each([
  ['export', ['--out']],
  ['distill', ['--recipe-out']],
  ['merge', ['--method', 'iso-c', '--out']],
])(
  '%s stops before it decomposes, and goes on with commas between what is accepted',
  async (command, more) => {
    const place = join(temporary(), 'out');
    const roles = words({ lrm: withConfig('lrm', { num_attention_heads: 8, num_key_value_heads: 8 }) });
    const extra = command === 'distill' ? ['--calibration', 'public/models/demo', '--question', 'read'] : [];
    const stopped = await frism(command, ...roles, ...extra, ...more, place);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(/heads-differ: .*--accept-findings heads-differ/);
    expect(stopped.stderr).not.toMatch(/Decomposing/);
  },
);

test('an accepted error stands in recipe and card; a code that nothing has is said', async () => {
  const out = join(temporary(), 'out');
  const roles = words({ lrm: withConfig('lrm', { num_attention_heads: 8, num_key_value_heads: 8 }) });
  const { code, json, stderr } = await frism(
    'export',
    ...roles,
    '--accept-findings',
    'heads-differ, polish',
    '--out',
    out,
    '--json',
  );
  expect([code, stderr.match(/✗/g)?.length]).toEqual([0, 1]);
  expect(json['notes']).toContainEqual(expect.stringContaining('polish'));
  const recipe = parseRecipe(readFileSync(join(out, 'recipe.json'), 'utf8'));
  expect(recipe.findings).toContainEqual(
    expect.objectContaining({ code: 'heads-differ', severity: 'error' }),
  );
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(/## Findings accepted[^]*`heads-differ`/);
});

test('the demo trio has nothing to accept, and its recipe is written as before', async () => {
  const out = join(temporary(), 'out');
  const { code, json, stderr } = await frism('export', ...words({}), '--out', out, '--json', '--quiet');
  expect([code, stderr]).toEqual([0, '']);
  expect((json['findings'] as { severity: string }[]).every(({ severity }) => severity === 'info')).toBe(
    true,
  );
  expect(readFileSync(join(out, 'recipe.json'), 'utf8')).not.toContain('"findings"');
  expect(readFileSync(join(out, 'README.md'), 'utf8')).not.toMatch(/Findings|Known about/);
});

test('a VLM in the place of a language model is said, and a VLM whose language model is the base is fine', async () => {
  const said = async (roles: Roles) => {
    const { json } = await frism('pair', ...words(roles), '--json');
    return (json['findings'] as { code: string; severity: string }[]).map(
      ({ code, severity }) => `${severity} ${code}`,
    );
  };
  expect(await said({ lrm: demo('vlm') })).toContain('warning lrm-has-vision-tower');
  expect(await said({ base: demo('vlm') })).toEqual(
    expect.arrayContaining(['warning base-has-vision-tower', 'info vlm-equals-base']),
  );
  expect((await said({})).filter((line) => line.includes('tower'))).toEqual([]);
});

test('pair tells what opening tells of tokenizer, template and image processor', async () => {
  const [vlm, lrm] = [copyOf('vlm'), copyOf('lrm')];
  const change = (folder: string, name: string, more: Readonly<Record<string, unknown>>): void => {
    const file = join(folder, name);
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
    writeFileSync(file, JSON.stringify({ ...known, ...more }));
  };
  change(vlm, 'processor_config.json', { auto_map: { AutoProcessor: 'odd_processor.Odd' } });
  change(lrm, 'generation_config.json', { guidance_scale: 2 });
  change(lrm, 'tokenizer_config.json', { do_lower_case: true });
  const { json } = await frism('pair', ...words({ vlm, lrm }), '--json');
  const { findings } = json as { readonly findings: readonly { readonly message: string }[] };
  const plain = (await frism('pair', ...words({}), '--json')).json as typeof json & {
    readonly findings: readonly { readonly message: string }[];
  };
  for (const word of ['auto_map', 'guidance_scale', 'do_lower_case']) {
    expect(findings.filter(({ message }) => message.includes(word))).toHaveLength(1);
    expect(plain.findings.filter(({ message }) => message.includes(word))).toEqual([]);
  }
});

test('an LRM of another activation stops a merge', async () => {
  const lrm = withConfig('lrm', { hidden_act: 'gelu' });
  const { json } = await frism('pair', ...words({ lrm }), '--json');
  expect(json).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ code: 'activation-differs', severity: 'error' }),
    ]) as unknown,
  });
  const out = join(temporary(), 'out');
  const stopped = await frism('merge', ...words({ lrm }), '--out', out, '--json', '--quiet');
  expect(stopped.code).not.toBe(0);
  expect(stopped.json).toMatchObject({ error: { code: 'mismatch', findings: ['activation-differs'] } });
  expect(existsSync(out)).toBe(false);
});

test('pair tells of a vocabulary in another order', async () => {
  const lrm = copyOf('lrm');
  const file = join(lrm, 'tokenizer.json');
  const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly model: { vocab: Readonly<Record<string, number>> };
  };
  const tokens = Object.keys(tokenizer.model.vocab);
  const ids = Object.values(tokenizer.model.vocab).reverse();
  tokenizer.model.vocab = Object.fromEntries(tokens.map((word, i) => [word, ids[i] ?? 0]));
  writeFileSync(file, JSON.stringify(tokenizer));
  const codes = async (roles: Roles): Promise<readonly string[]> => {
    const { json } = await frism('pair', ...words(roles), '--json');
    return (json as { readonly findings: readonly { readonly code: string }[] }).findings.map(
      ({ code }) => code,
    );
  };
  expect(await codes({ lrm })).toContain('lrm-vocabulary-permuted');
  expect((await codes({})).filter((code) => /vocabulary|special-tokens/.test(code))).toEqual([]);
});
