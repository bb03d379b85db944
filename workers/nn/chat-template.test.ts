import { Template } from '@huggingface/jinja';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { crowdedTemplates, endlessTemplates } from '../../test/hostile-templates.ts';
import { ChatTemplate, maxSpace, maxSteps, maxTemplate, type TemplateWork } from './chat-template.ts';

/** `range` gives no longer one, and doubling one that is not yet too long gives at most twice the steps left. */
const longestList = maxSteps;
const messages = [{ role: 'user', content: 'How many?' }];
const render = (text: string, work?: TemplateWork): string =>
  new ChatTemplate(text).render({ messages, bos_token: '<s>', add_generation_prompt: true }, work);

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

test.each(endlessTemplates)('%s fails within a hundred thousand steps', (_, text, message) => {
  const work = { steps: 0 };
  expect(() => render(text, work)).toThrow(message);
  // The step that is one too many may bring a whole list with it.
  expect(work.steps).toBeLessThanOrEqual(maxSteps + longestList);
});

test('the demo’s own template takes some dozens of steps', () => {
  const work = { steps: 0 };
  render(readFileSync('public/models/demo/vlm/chat_template.jinja', 'utf8'), work);
  expect(work.steps).toBeGreaterThan(10);
  expect(work.steps).toBeLessThan(1000);
});

test('many open brackets are read or refused with an error', () => {
  expect(() => render(`{{ ${'('.repeat(60_000)}1${')'.repeat(60_000)} }}`)).toThrow();
});

/** How often the library looks at a character of white space: from each one to the end of its run. */
const looks = (text: string): number =>
  text.split(/\S+/).reduce((sum, { length }) => sum + (length * (length + 1)) / 2, 0);

test.each(crowdedTemplates)(
  '%s, as many as a template may have, are read or refused after 66 million looks at most',
  (_, text) => {
    expect(looks(text)).toBeLessThanOrEqual((maxTemplate * (maxSpace + 1)) / 2);
    try {
      render(text);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  },
);

test.each([
  ['a text that is one character too long', 'x'.repeat(maxTemplate + 1), /characters long/],
  ['a run of white space that is one too long', ' '.repeat(maxSpace + 1), /white space in a row/],
  ['a megabyte of spaces', `${' '.repeat(2 ** 20)}x`, /characters long/],
])('%s is refused before the library sees it', (_, text, message) => {
  expect(() => new ChatTemplate(text)).toThrow(message);
});

test('a text as long as it may be, with as much white space in a row as it may have, is read', () => {
  const text = 'x'.repeat(maxTemplate - maxSpace) + ' '.repeat(maxSpace);
  expect(render(text)).toBe(text);
});
