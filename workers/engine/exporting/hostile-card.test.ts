/**
 * The model card of models whose names and files mean harm: what a reader of Markdown and YAML sees is their text, and
 * nothing that it would act by. zoo/reference/cards/make.py rendered the card that is held here.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { visibleLine } from '../../../core/visible.ts';
import type { CardInputs } from './card-parts.ts';
import { code, plain, yamlText } from './markdown.ts';
import { methodCard } from './method-card.ts';

const labels = {
  vlm: '<script>alert(1)</script>',
  lrm: '[x](javascript:alert(1)) `code` | cell',
  base: 'a\n---\nlicense: mit\n---\n# Title',
};
const architectures = {
  vlm: '![t](http://tracker.test/p.png)',
  lrm: '<img src=x onerror=alert(1)>',
  base: '**bold** _em_ ~~gone~~ $x$ &lt; &#60; LlamaForCausal_LM',
};
const licence = { name: 'true', file: 'LICENSE<img src=x>|cell' };
const input = (role: keyof typeof labels): CardInputs['vlm'] => ({
  label: labels[role],
  architecture: architectures[role],
  sha256: '0'.repeat(64),
  licence,
});
const messages = [
  'tensor `<iframe>` of [a](b) <!-- \u202egpj \x1b[2J -->',
  '- item\n\n# heading\n| a | b |',
  '```\ncode',
  '\\<b>not escaped\\` \\',
  '<https://evil.test> model.embed_tokens.weight __init__ *a* 3 < 4 && 5 > 4',
  '[ref]: https://evil.test "title" [ref]',
];
const leftOut = ['a`b|c.png', 'line\nbreak', '<b>.txt', '\\', ' ', '``', '\u2066right\u2069'];
const metric = { name: 'perc|eption<br>', correct: 1, total: 2, low: 0, high: 1, backend: '`wasm`' };

const card = methodCard(
  {
    format: 'frism-merge',
    version: 1,
    studio: '1',
    method: 'task-arithmetic',
    settings: {},
    formula: 'θ',
    source: 'a paper',
    layers: 'all layers',
    inputs: { base: input('base'), vlm: input('vlm'), lrm: input('lrm') },
    metrics: [metric],
    findings: messages.map((message, i) => ({
      code: i === 0 ? 'a`b|c' : 'code',
      severity: i < 3 ? 'error' : 'warning',
      message,
    })),
  },
  { base: input('base'), vlm: input('vlm'), lrm: input('lrm') },
  3,
  { copied: [], leftOut: leftOut.map((name) => ({ name, why: `why ${name}` })), isListed: true },
);

const rendered = await readJsonFixture<{
  readonly front_matter: unknown;
  readonly elements: readonly (readonly [string, readonly string[]])[];
  readonly texts: readonly string[];
}>('zoo/reference/cards/rendered.json');

test('the card is the one that was rendered', async () => {
  expect(card).toBe(await readFile('zoo/reference/cards/card.txt', 'utf8'));
});

test('rendered, it has the elements of a card and no other', () => {
  const own = ['h1', 'h2', 'p', 'pre', 'code', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'];
  expect(
    rendered.elements.filter(([name, attributes]) => !own.includes(name) || attributes.length > 0),
  ).toEqual([]);
});

test('front matter has the card’s own keys, and a licence’s name is a text', () => {
  expect(rendered.front_matter).toEqual({
    library_name: 'transformers',
    license: 'true',
    tags: ['merge', 'frism'],
  });
});

describe('a person reads what stands in the files', () => {
  const seen = rendered.texts.map((text) => text.trim()).join('\n');

  test.each([...Object.values(architectures), licence.file, ...messages, metric.name])('%j', (text) => {
    expect(seen).toContain(visibleLine(text));
  });

  test.each([...Object.values(labels), ...leftOut])(
    '%j in a code span, which can hold no ` and |',
    (text) => {
      const shown = visibleLine(text).replaceAll('`', '\\u0060').replaceAll('|', '\\u007c');
      expect(seen).toContain(shown.trim());
    },
  );
});

test('what is long is cut; names and numbers stay as they were', () => {
  expect(plain('x'.repeat(1e6)).length).toBe(4000);
  expect(code('`'.repeat(1e6)).length).toBeLessThan(30_000);
  expect(plain('Qwen2.5-VL-7B (model.layers.0.mlp_proj), 3.5 %')).toBe(
    'Qwen2.5-VL-7B (model.layers.0.mlp_proj), 3.5 %',
  );
  expect(['apache-2.0', 'no', 'null', '1.0', '---', '.nan', 'y'].map(yamlText)).toEqual([
    'apache-2.0',
    '"no"',
    '"null"',
    '"1.0"',
    '"---"',
    '".nan"',
    '"y"',
  ]);
});
