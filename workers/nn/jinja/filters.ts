/** The filters of Jinja 3.1. One that is not in this list is refused by name. */
import { bind, type Bound } from './arguments.ts';
import { characterAt, charactersOf, lengthOf } from './characters.ts';
import { toJson } from './json.ts';
import { map, select, type Others } from './filters-of-members.ts';
import { listOf, memberOf, orderFilters, type Filter } from './filters-of-order.ts';
import { add, numberIn } from './numbers.ts';
import { fixed, percentFormat } from './percent-format.ts';
import { capitalized, lines, lower, replaced, stripped, upper } from './text-methods.ts';
import {
  Float,
  isDict,
  isList,
  iterate,
  Iterator,
  numeric,
  text,
  truth,
  Tuple,
  typeName,
  View,
  whole,
  type Arguments,
  type Value,
} from './values.ts';
import { joined, visit } from './work.ts';

const ofText = (call: (value: string) => Value): Filter => ({
  parameters: [],
  call: (value) => call(text(value)),
});

const filters: Readonly<Record<string, Filter>> = {
  upper: ofText(upper),
  lower: ofText(lower),
  capitalize: ofText(capitalized),
  title: ofText((value) => {
    visit(value.length);
    return value.replace(/[^-\s({[<]+/g, (word) => {
      const [first = ''] = word;
      return first.toUpperCase() + word.slice(first.length).toLowerCase();
    });
  }),
  string: ofText((value) => value),
  /** Marks a text as free of markup. What is printed stays the same, and the parser allows it only there. */
  safe: ofText((value) => value),
  trim: {
    parameters: ['chars'],
    call: (value, given) => stripped(text(value), given.optionalText('chars'), true, true),
  },
  replace: {
    parameters: ['old', 'new', 'count'],
    call: (value, given) => {
      const count = given.has('count') ? given.value('count') : null;
      return replaced(
        text(value),
        text(given.value('old')),
        text(given.value('new')),
        count === null ? -1 : given.whole('count'),
      );
    },
  },
  indent: {
    parameters: ['width', 'first', 'blank'],
    call: (value, given) => {
      const width = given.has('width') ? given.value('width') : 4;
      const by = typeof width === 'string' ? width : indentation(given.whole('width', 4));
      if (by.length > maxIndent) throw new Error('a text is indented too far');
      const [first = '', ...more] = lines(`${text(value)}\n`);
      const blank = given.boolean('blank', false);
      visit(more.length);
      return joined(
        [
          given.boolean('first', false) ? by + first : first,
          ...more.map((line) => (line === '' && !blank ? line : by + line)),
        ],
        '\n',
      );
    },
  },
  center: {
    parameters: ['width'],
    call: (value, given) => {
      const shown = text(value);
      const width = given.whole('width', 80);
      const missing = width - lengthOf(shown);
      if (width > 10_000) throw new Error('a text is made too wide');
      if (missing <= 0) return shown;
      const left = Math.floor(missing / 2) + (missing & width & 1);
      return joined([' '.repeat(left), shown, ' '.repeat(missing - left)]);
    },
  },
  length: { parameters: [], call: memberCount },
  count: { parameters: [], call: memberCount },
  list: { parameters: [], call: listOf },
  first: {
    parameters: [],
    call: (value) => (typeof value === 'string' ? characterAt(value, 0) : iterate(value)[0]),
  },
  last: {
    parameters: [],
    call: (value) => {
      if (value instanceof Iterator) throw new Error('what a filter gave has no last member');
      return typeof value === 'string' ? characterAt(value, -1) : iterate(value).at(-1);
    },
  },
  reverse: {
    parameters: [],
    call: (value) =>
      typeof value === 'string'
        ? joined(charactersOf(value).reverse())
        : new Iterator(listOf(value).reverse()),
  },
  items: {
    parameters: [],
    call: (value) => {
      if (value === undefined) return new Iterator([]);
      if (!isDict(value)) throw new Error(`“${typeName(value)}” has no items`);
      visit(value.size);
      return new Iterator([...value].map((pair) => new Tuple(pair)));
    },
  },
  join: {
    parameters: ['d', 'attribute'],
    call: (value, given) => {
      const items = iterate(value);
      visit(items.length);
      return joined(
        items.map((one) => text(memberOf(one, given))),
        given.has('d') ? text(given.value('d')) : '',
      );
    },
  },
  default: { parameters: ['default_value', 'boolean'], call: orDefault },
  d: { parameters: ['default_value', 'boolean'], call: orDefault },
  abs: {
    parameters: [],
    call: (value) => {
      const number = numeric(value);
      if (number === null) throw new Error(`“${typeName(value)}” has no size`);
      return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
    },
  },
  int: {
    parameters: ['default', 'base'],
    call: (value, given) => {
      if (given.has('base')) throw new Error('the argument base of “int” is not computed here');
      const otherwise = given.has('default') ? given.value('default') : 0;
      const number = typeof value === 'string' ? numberIn(value) : numeric(value);
      return number === null || !Number.isFinite(number) ? otherwise : whole(Math.trunc(number));
    },
  },
  float: {
    parameters: ['default'],
    call: (value, given) => {
      const number = typeof value === 'string' ? numberIn(value) : numeric(value);
      if (number !== null) return new Float(number);
      return given.has('default') ? given.value('default') : new Float(0);
    },
  },
  round: {
    parameters: ['precision', 'method'],
    call: (value, given) => {
      const number = numeric(value);
      const [precision, method] = [given.whole('precision', 0), given.string('method', 'common')];
      if (number === null || precision < 0) throw new Error('this rounding is not computed here');
      if (method === 'common')
        return value instanceof Float ? new Float(Number(fixed(number, precision))) : number;
      if (method !== 'ceil' && method !== 'floor') throw new Error('method must be common, ceil or floor');
      return new Float(Math[method](number * 10 ** precision) / 10 ** precision);
    },
  },
  sum: {
    parameters: ['attribute', 'start'],
    call: (value, given) => {
      let sum: Value = given.has('start') ? given.value('start') : 0;
      for (const one of iterate(value)) {
        visit(1);
        sum = add(sum, memberOf(one, given));
      }
      return sum;
    },
  },
  ...orderFilters,
  tojson: {
    parameters: ['ensure_ascii', 'indent', 'separators', 'sort_keys'],
    call: (value, given) => {
      const indent = given.has('indent') ? given.value('indent') : null;
      const by = indent === null || typeof indent === 'string' ? indent : indentation(given.whole('indent'));
      const separators = given.optionalPair('separators') ?? (by === null ? [', ', ': '] : [',', ': ']);
      if ([by ?? '', ...separators].some(({ length }) => length > maxIndent))
        throw new Error('JSON is written too wide');
      return toJson(value, {
        ascii: given.boolean('ensure_ascii', false),
        indent: by,
        separators,
        sorted: given.boolean('sort_keys', false),
      });
    },
  },
};

/** Throws Error for a filter that is not computed. */
export function applyFilter(name: string, value: Value, given: Arguments, others: Others): Value {
  if (name === 'map') return map(value, given, others);
  if (name === 'select' || name === 'reject') return select(value, given, others, name === 'select', false);
  if (name === 'selectattr' || name === 'rejectattr')
    return select(value, given, others, name === 'selectattr', true);
  if (name === 'format') {
    if (given.named.size > 0) throw new Error('a format by names is not computed here');
    return percentFormat(text(value), given.positional);
  }
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!filter) throw new Error(`the filter “${name}” is not computed here`);
  return filter.call(value, bind(name, given, filter.parameters));
}

const maxIndent = 100;

function indentation(width: number): string {
  if (width > maxIndent) throw new Error('a text is indented too far');
  return ' '.repeat(Math.max(0, width));
}

function orDefault(value: Value, given: Bound): Value {
  const otherwise = given.has('default_value') ? given.value('default_value') : '';
  return value === undefined || (given.boolean('boolean', false) && !truth(value)) ? otherwise : value;
}

function memberCount(value: Value): number {
  if (value === undefined) return 0;
  if (typeof value === 'string') return lengthOf(value);
  if (isList(value)) return value.length;
  if (value instanceof Tuple || value instanceof View) return value.items.length;
  if (isDict(value)) return value.size;
  throw new Error(`“${typeName(value)}” has no length`);
}
