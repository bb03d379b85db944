import { expect, it } from 'vitest';
import { allowance } from '../work.ts';
import { adapterWork, moduleExpression, modulePattern } from './adapter-patterns.ts';

const q = 'model.layers.0.self_attn.q_proj';

it.each([
  ['q_proj', q, true],
  ['proj', q, false],
  ['self_attn.q_proj', q, true],
  [q, q, true],
  [String.raw`model\.layers\.0\.self_attn\.q_proj`, q, true],
  [String.raw`layers\.(0|3)\.self_attn\.(?:q|k)_proj`, q, true],
  [String.raw`layers\.(1|3)\.self_attn\.q_proj`, q, false],
  [String.raw`layers\.\d+\.self_attn\.q_proj`, q, true],
  [String.raw`^model\.layers\.[0-2]\..*`, q, true],
  [String.raw`^layers\.[0-2]\..*`, q, false],
  ['q_proj$', q, true],
  ['q_pro?j', q, true],
])('%s against %s: %s, as re.match of (.*\\.)?(KEY)$ says', (pattern, module, expected) => {
  expect(modulePattern(pattern)?.(module)).toBe(expected);
});

it.each([
  '(a+)+$',
  '(a|a)*',
  'a**',
  '.*.*.*',
  'a{1,9}',
  '(?=a)',
  String.raw`\w+`,
  '(',
  '',
  '^',
  '../../etc/passwd',
  'q'.repeat(201),
])('%s is not read', (pattern) => {
  expect(modulePattern(pattern)).toBeNull();
});

it.each([
  `${'a?'.repeat(60)}${'a'.repeat(60)}b`,
  `${'(?:a|a)'.repeat(25)}b`,
  `${'(?:a|)'.repeat(30)}b`,
  `.*${'a?'.repeat(40)}.*b`,
])('%s is stopped by its work, of which all expressions of an adapter have one amount', (pattern) => {
  const work = allowance(2_000_000);
  const matches = modulePattern(pattern, work);
  const meet = (): unknown => matches?.('a'.repeat(400));
  expect(meet).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('too many ways') }),
  );
  expect(work.units).toBeLessThanOrEqual(2_000_000);
  expect(meet).toThrow('units of work');
});

it('an expression meets a long name without running for long, because it does not run', () => {
  expect(modulePattern('.*a.*b')?.('a'.repeat(100_000))).toBe(false);
});

it('an expression as unsloth writes it meets all layers of a 70B with work to spare', () => {
  const blocks = '(?:self_attn|attention|attn|mlp|feed_forward|ffn|dense)';
  const linears = '(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)';
  const expression = String.raw`(?:.*?(?:vision|image|visual|patch|language|text).*?${blocks}.*?${linears}.*?)|(?:\bmodel\.layers\.[\d]{1,}\.${blocks}\.(?:${linears}))`;
  const work = adapterWork();
  const matches = moduleExpression(expression, work);
  const kinds = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj'];
  for (let layer = 0; layer < 80; layer++)
    for (const kind of [...kinds, 'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'])
      expect(matches?.(`model.language_model.layers.${layer}.${kind}`)).toBe(true);
  expect(matches?.('lm_head')).toBe(false);
  expect(work.units).toBeGreaterThan(0);
  expect(work.units).toBeLessThan(work.most / 5);
});
