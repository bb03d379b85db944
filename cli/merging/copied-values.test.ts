/**
 * Tensors of the VLM that a merge only copies, with values that are not finite: every way of writing a model names
 * them, in the terminal, in the JSON result, in the record and in the model card, and writes the same bytes.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headerLength, parseHeader } from '../../core/safetensors/header.ts';
import { main } from '../main.ts';
import { demo, frism, temporary } from '../testing/run-frism.ts';

const nan = [0x00, 0x7e];
const plus = [0x00, 0x7c];
const minus = [0x00, 0xfc];
const embedding = 'model.text_model.embed_tokens.weight';
const norm = 'model.text_model.layers.1.input_layernorm.weight';
const tower = 'model.vision_model.encoder.layers.0.self_attn.k_proj.bias';
const file = 'model.safetensors';

/** The demo's VLM with these float16 codes at these entries. */
function damaged(places: readonly { tensor: string; entry: number; code: readonly number[] }[]): string {
  const folder = join(temporary(), 'vlm');
  cpSync(demo('vlm'), folder, { recursive: true });
  const bytes = new Uint8Array(readFileSync(join(folder, file)));
  const begin = 8 + headerLength(bytes.subarray(0, 8), bytes.length, file);
  const { tensors } = parseHeader(bytes.subarray(0, begin), bytes.length, file);
  for (const { tensor, entry, code } of places) {
    const found = tensors.find(({ name }) => name === tensor);
    if (found?.dtype !== 'F16') throw new Error(`The demo's VLM has no ${tensor} in float16.`);
    bytes.set(code, found.begin + 2 * entry);
  }
  writeFileSync(join(folder, file), bytes);
  return folder;
}

interface Json {
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly message: string;
  }[];
}

const ways: readonly (readonly [name: string, words: readonly string[], record: string])[] = [
  ['merge in a stream', ['merge', '--method', 'ties'], 'merge.json'],
  ['merge in a stream, hashed before', ['merge', '--hash'], 'merge.json'],
  ['merge in a stream, with λ = 0', ['merge', '--set', 'lambda=0'], 'merge.json'],
  ['merge by gates', ['merge', '--method', 'top-k'], 'recipe.json'],
  ['export', ['export'], 'recipe.json'],
  ['export in other shards', ['export', '--max-shard-size', '500kB'], 'recipe.json'],
  ['export where nothing is merged', ['export', '--set', 'lambda=0'], 'recipe.json'],
  ['export as an adapter', ['export', '--format', 'adapter'], 'recipe.json'],
];

test.each(ways)('%s', async (_, words, record) => {
  const vlm = damaged([
    { tensor: embedding, entry: 3, code: nan },
    { tensor: embedding, entry: 7, code: minus },
    { tensor: norm, entry: 0, code: plus },
    { tensor: tower, entry: 2, code: minus },
  ]);
  const out = join(temporary(), 'out');
  const models = ['--base', demo('base'), '--vlm', vlm, '--lrm', demo('lrm')];
  const [command, ...options] = words as [string, ...string[]];
  const { code, stderr, json } = await frism(command, ...models, ...options, '--out', out, '--json');
  expect(code, stderr).toBe(0);
  const message = `The VLM vlm holds values that are not finite numbers where a merge keeps it as it is: ${embedding} (${file}) has 1 NaN and 1 minus infinity, the first at [0, 3]; ${norm} (${file}) has 1 plus infinity at [0].`;
  const masks = `The VLM vlm holds minus infinity where a merge keeps it as it is: ${tower} (${file}) has 1 minus infinity at [2].`;
  expect(stderr.split(message)).toHaveLength(2);
  const known = (json as unknown as Json).findings.filter(({ code }) => code.startsWith('vlm-'));
  expect(known.map(({ code, severity, message }) => [code, severity, message])).toEqual(
    expect.arrayContaining([
      ['vlm-values-not-finite', 'warning', message],
      ['vlm-minus-infinity', 'info', masks],
    ]),
  );
  const written = JSON.parse(readFileSync(join(out, record), 'utf8')) as Json;
  expect(written.findings).toContainEqual({ code: 'vlm-values-not-finite', severity: 'warning', message });
  // Markdown's own characters are escaped in a card.
  const card = readFileSync(join(out, 'README.md'), 'utf8').replaceAll('\\', '');
  expect(card).toContain(`\`vlm-values-not-finite\`: ${message}`);
});

test('a run tells it before it computes anything', async () => {
  const vlm = damaged([{ tensor: embedding, entry: 3, code: nan }]);
  const models = ['--base', demo('base'), '--vlm', vlm, '--lrm', demo('lrm'), '--layers', '0'];
  const own = ['--calibration', 'zoo/reference/images/files/420.jpg', '--question', 'read'];
  const stop = new AbortController();
  let stderr = '';
  const tell = (text: string): void => {
    stderr += text;
    // As with Ctrl+C: what comes behind it costs more than it shows.
    if (text.includes('holds values that are not finite numbers where a merge keeps it')) stop.abort();
  };
  await main(
    ['distill', ...models, ...own],
    { stdout: () => undefined, stderr: tell, live: false },
    stop.signal,
  );
  expect(stop.signal.aborted, stderr).toBe(true);
  expect(stderr).not.toContain('Distilling');
});

test('nothing is said of the demo, whose values are all finite', async () => {
  const models = ['--base', demo('base'), '--vlm', demo('vlm'), '--lrm', demo('lrm')];
  for (const command of ['merge', 'export']) {
    const { code, stderr, json } = await frism(
      command,
      ...models,
      '--out',
      join(temporary(), 'out'),
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect((json as unknown as Json).findings.map(({ code }) => code)).not.toContain('vlm-values-not-finite');
    expect(stderr).not.toContain('finite');
  }
});
