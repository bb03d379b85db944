import { Template } from '@huggingface/jinja';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ChatTemplate } from './chat-template.ts';

const messages = [{ role: 'user', content: 'How many?' }];
const render = (text: string): string =>
  new ChatTemplate(text).render({ messages, bos_token: '<s>', add_generation_prompt: true });

test('renders as the library does', () => {
  for (const text of [
    readFileSync('public/models/demo/vlm/chat_template.jinja', 'utf8'),
    '{{ bos_token }}{% for m in messages %}{{ loop.index }} {{ m.role | upper }}: {{ m["content"][:3] }}{% endfor %}{% if none is none and True and not False and not false %}!{% endif %}',
    '{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{% set ns = namespace(n=0) %}{% for i in range(2, 11, 3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ twice(ns.n) }}{{ range(3) | join(",") }}{{ range(5, 1, -2) | list }}',
    '{{ strftime_now("%Y-%m-%d") }}',
  ]) {
    expect(render(text)).toBe(
      new Template(text).render({ messages, bos_token: '<s>', add_generation_prompt: true }),
    );
  }
  expect(() => render('{{ raise_exception("Only one image, please") }}')).toThrow(/Only one image, please/);
});

test.each([
  ['a huge range', '{% for i in range(10**9) %}{% endfor %}', /./],
  ['a huge range, written out', '{% for i in range(1000000000) %}x{% endfor %}', /range of 1000000000/],
  ['an endless range', '{% for i in range(0, 1, 0.0000001) %}x{% endfor %}', /range of/],
  ['a range of nothing known', '{% for i in range(messages) %}x{% endfor %}', /range of NaN/],
  [
    'loops in loops',
    '{% set a = range(10000) %}{% for i in a %}{% for j in a %}{% for k in a %}x{% endfor %}{% endfor %}{% endfor %}',
    /more than 100000 steps/,
  ],
  [
    'a text that doubles',
    '{% set ns = namespace(x="x") %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}',
    /text of more than/,
  ],
  ['a macro without an end', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}', /./],
  ['a megabyte of spaces', `${' '.repeat(2 ** 20)}x`, /characters long/],
  ['many open brackets', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`, /./],
])('%s fails within a second', (_, text, message) => {
  const begun = process.cpuUsage();
  expect(() => render(text)).toThrow(message);
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1000);
});

test.each([
  ['spaces and letters', `${' '.repeat(999)}x`.repeat(131)],
  ['spaces and signs', ' -'.repeat(65_000)],
  ['open tags', '{%'.repeat(65_000)],
  ['lines of spaces', `${' \n'.repeat(499)}x`.repeat(131)],
])('128 KiB of %s is read or refused within a second', (_, text) => {
  const begun = process.cpuUsage();
  try {
    render(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(1000);
});
