import { expect, test } from 'vitest';
import { visibleLine, visibleText } from './visible.ts';

test.each([
  ['a colour and a cleared screen', '\x1b[31mred\x1b[2J', '\\u001b[31mred\\u001b[2J'],
  ['the eight-bit form of an escape', '\x9b31m', '\\u009b31m'],
  ['a title of the terminal', '\x1b]0;title\x07', '\\u001b]0;title\\u0007'],
  ['a line written over', 'wrong\rright', 'wrong\\u000dright'],
  ['text taken back', 'abc\b\b\b\x7f', 'abc\\u0008\\u0008\\u0008\\u007f'],
  ['an override of direction', 'model\u202egpj.exe', 'model\\u202egpj.exe'],
  ['isolates and marks', '\u2066a\u2069\u200f\u061c', '\\u2066a\\u2069\\u200f\\u061c'],
  ['what has no width', 'lm\u200b_head\ufeff', 'lm\\u200b_head\\ufeff'],
  ['other ends of a line', 'a\u2028b\u2029c\x85d', 'a\\u2028b\\u2029c\\u0085d'],
  ['invisible letters', '\u{e0041}', '\\udb40\\udc41'],
  ['half of a surrogate pair', 'a\ud83db', 'a\\ud83db'],
])('%s becomes visible', (_, text, shown) => {
  expect(visibleLine(text)).toBe(shown);
  expect(visibleText(text)).toBe(shown);
});

test.each(['model.layers.0.self_attn.q_proj.weight', 'größe 模型 نموذج', '👩‍🔬 क्‍ष 🇩🇪', 'θ × 10⁻³ – “so” …'])(
  '%s stays as it is',
  (text) => {
    expect(visibleLine(text)).toBe(text);
  },
);

test('lines and tabs stay in a text of several lines, and in one of one line they become visible', () => {
  expect(visibleText('a\n\tb')).toBe('a\n\tb');
  expect(visibleLine('a\n\tb')).toBe('a\\u000a\\u0009b');
});

test('JSON stays the same JSON', () => {
  const value = { 'a\x9b\u202e': '\x1b[2J\u{e0041}\u2028\x7f\n' };
  const shown = visibleText(JSON.stringify(value));
  expect(shown).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(shown)).toEqual(value);
});
