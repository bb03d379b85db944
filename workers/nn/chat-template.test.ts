import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { allowance, maxUnits, type Work } from '../../core/work.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import {
  crowdedTemplates,
  endlessTemplates,
  longOperations,
  operandLength,
  operands,
} from '../../test/hostile-templates.ts';
import { ChatTemplate, maxTemplate } from './chat-template.ts';
import { strftime } from './jinja/strftime.ts';
import { maxText } from './jinja/work.ts';

interface Reference {
  readonly values: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly group: string;
    readonly template: string;
    /** Null where Jinja raises. */
    readonly text: string | null;
  }[];
  readonly chats: readonly Readonly<Record<string, unknown>>[];
  readonly models: readonly {
    readonly model: string;
    readonly template: string;
    readonly texts: readonly (string | null)[];
  }[];
  readonly dates: readonly {
    readonly time: readonly [number, number, number, number, number, number];
    readonly format: string;
    readonly text: string;
  }[];
}

const { values, cases, chats, models, dates } = await readJsonFixture<Reference>(
  'zoo/reference/templates/expected.json',
);
const messages = [{ role: 'user', content: 'How many?' }];
const render = (text: string, work?: Work): string =>
  new ChatTemplate(text).render({ messages, bos_token: '<s>', add_generation_prompt: true }, work);
/** The text, or null where there is none. */
const attempt = (template: string, given: Readonly<Record<string, unknown>>): string | null => {
  try {
    return new ChatTemplate(template).render(given);
  } catch {
    return null;
  }
};

describe('what Jinja makes of small templates', () => {
  it.each(cases.filter(({ text }) => text === null))('is nothing: $template', ({ template }) => {
    expect(() => new ChatTemplate(template).render(values)).toThrow();
  });

  it('is the same text here, or is refused', () => {
    const rendered = cases.filter(({ text }) => text !== null);
    const other = rendered.filter(({ template, text }) => attempt(template, values) !== text);
    const refused = other.map(({ template }) => {
      expect(attempt(template, values), template).toBeNull();
      return template;
    });
    expect(rendered.length - refused.length).toBeGreaterThan(140);
    // Too seldom in chat templates, or nothing that has a text; all else that is refused is a filter or method.
    expect(refused.filter((template) => template.startsWith('{%'))).toEqual([
      '{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, x=2) }}',
      '{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}',
      '{% block b %}x{% endblock %}',
      '{% autoescape true %}<{% endautoescape %}',
      '{% for i in [1, [2]] recursive %}{{ i }}{% endfor %}',
      "{% set c = cycler('a', 'b') %}{{ c.next() }}",
      "{% set g = [1, 2]|map('string') %}{{ g|list }}{{ g|list }}",
    ]);
    expect(refused.length).toBeLessThan(45);
  });
});

describe('the templates of well-known models', () => {
  it.each(models)('$model', ({ template, texts }) => {
    expect(chats.map((chat) => attempt(template, { ...values, ...chat }))).toEqual(texts);
    expect(texts.filter((text) => text !== null).length).toBeGreaterThan(2);
  });
});

test.each(dates)('strftime writes $format as Python does', ({ time, format, text }) => {
  const [year, month, ...rest] = time;
  expect(strftime(format, new Date(year, month - 1, ...rest))).toBe(text);
});

test('a date format that is not known is refused by name', () => {
  expect(() => strftime('%c', new Date(0))).toThrow('“%c”');
});

test('strftime_now tells the time', () => {
  const now = (): Date => new Date(2024, 6, 26);
  expect(new ChatTemplate('{{ strftime_now("%d %b %Y") }}').render({}, allowance(), now)).toBe('26 Jul 2024');
});

test('the message of raise_exception is told', () => {
  expect(() => render('{{ raise_exception("Only one image, please") }}')).toThrow(/Only one image, please/);
});

test.each([
  ["{{ 'a' | urlencode }}", 'the filter “urlencode” is not computed here'],
  ['{{ 1 is escaped }}', 'the test “escaped” is not computed here'],
  ["{{ 'a'.swapcase() }}", 'the method “swapcase” of a text is not computed here'],
  ["{% include 'x' %}", 'the tag “include” is not computed here'],
  ["{{ lipsum() }}", 'the function “lipsum” is not computed here'],
])('%s is refused by name', (template, message) => {
  expect(() => render(template)).toThrow(message);
}); // prettier-ignore

// Without the count none of them would end, or only when memory does.
test.each(endlessTemplates)('%s fails within its work', (_, text, message) => {
  const work = allowance();
  expect(() => render(text, work)).toThrow(message);
  expect(work.units).toBeLessThanOrEqual(maxUnits);
});

describe('an operation counts as much work as it does', () => {
  const unitsOf = (template: string): number => {
    const work = allowance();
    render(template, work);
    return work.units;
  };
  const before = unitsOf(operands);

  it.each(longOperations)('%s', (operation) => {
    expect(unitsOf(`${operands}{% set x = ${operation} %}`) - before).toBeGreaterThanOrEqual(operandLength);
  });

  it('and a short one does not count the long text', () => {
    for (const operation of ['s is string', 'l | length', 's', 'l', 'l[1]', 'l is defined', 's or l'])
      expect(unitsOf(`${operands}{% set x = ${operation} %}`) - before, operation).toBeLessThan(1000);
  });
});

test('a text may have four million characters, and not one more', () => {
  expect(render(`{{ "a" * ${maxText} }}`)).toHaveLength(maxText);
  expect(() => render(`{{ "a" * ${maxText + 1} }}`)).toThrow(/text of more than/);
});

test('work is counted up to what is left, and the operation that is too much is not done', () => {
  const work = { units: 0, most: 1000 };
  expect(() => render('{{ range(10000) | list | length }}', work)).toThrow('more than 1000 units of work');
  expect(work.units).toBeGreaterThan(100);
  expect(work.units).toBeLessThanOrEqual(1000);
});

test('a message that quotes the template is cut', () => {
  expect(() => render('{{ raise_exception("a" * 100000) }}')).toThrow(/^a{500}…$/);
});

test('the demo’s own template takes some thousand units', () => {
  const work = allowance();
  render(readFileSync('public/models/demo/vlm/chat_template.jinja', 'utf8'), work);
  expect(work.units).toBeGreaterThan(1000);
  expect(work.units).toBeLessThan(100_000);
});

test.each(models)('the template of $model takes no more than a thousandth of what it may', ({ template }) => {
  for (const chat of chats) {
    const work = allowance();
    try {
      new ChatTemplate(template).render({ ...values, ...chat }, work);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    expect(work.units).toBeLessThan(maxUnits / 1000);
  }
});

test('many open brackets are refused with an error', () => {
  expect(() => render(`{{ ${'('.repeat(60_000)}1${')'.repeat(60_000)} }}`)).toThrow(/nested/);
});

test.each(crowdedTemplates)('%s, as many as a template may have, are read or refused', (_, text) => {
  expect(text.length).toBeLessThanOrEqual(maxTemplate);
  try {
    render(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
});

test('a text that is one character too long is refused before it is read', () => {
  expect(() => new ChatTemplate('x'.repeat(maxTemplate + 1))).toThrow(/characters long/);
});

test('a text as long as it may be is read, white space and all', () => {
  const text = 'x'.repeat(maxTemplate / 2) + ' '.repeat(maxTemplate / 2);
  expect(render(text)).toBe(text);
});
