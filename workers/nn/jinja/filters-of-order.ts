/** The filters of Jinja 3.1 that compare members with one another: the order, the extremes and what is twice there. */
import type { Bound } from './arguments.ts';
import { byPath } from './filters-of-members.ts';
import { lower } from './text-methods.ts';
import { compare, equal, isDict, iterate, Iterator, Tuple, typeName, type Value } from './values.ts';
import { visit } from './work.ts';

export interface Filter {
  readonly parameters: readonly string[];
  readonly call: (value: Value, given: Bound) => Value;
}

export const orderFilters: Readonly<Record<string, Filter>> = {
  min: { parameters: ['case_sensitive', 'attribute'], call: (value, given) => extreme(value, given, 1) },
  max: { parameters: ['case_sensitive', 'attribute'], call: (value, given) => extreme(value, given, -1) },
  sort: {
    parameters: ['reverse', 'case_sensitive', 'attribute'],
    call: (value, given) => {
      const key = (one: Value): Value => folded(memberOf(one, given), given);
      const sign = given.boolean('reverse', false) ? -1 : 1;
      return listOf(value)
        .map((one) => ({ one, key: key(one) }))
        .sort((a, b) => sign * compare(a.key, b.key))
        .map(({ one }) => one);
    },
  },
  unique: {
    parameters: ['case_sensitive', 'attribute'],
    call: (value, given) => {
      const seen: Value[] = [];
      return new Iterator(
        listOf(value).filter((one) => {
          const key = folded(memberOf(one, given), given);
          const known = seen.some((other) => equal(other, key));
          if (!known) seen.push(key);
          return !known;
        }),
      );
    },
  },
  dictsort: {
    parameters: ['case_sensitive', 'by', 'reverse'],
    call: (value, given) => {
      if (!isDict(value)) throw new Error(`“${typeName(value)}” is no dict`);
      const by = given.string('by', 'key');
      if (by !== 'key' && by !== 'value') throw new Error('by must be key or value');
      const sign = given.boolean('reverse', false) ? -1 : 1;
      const key = (pair: readonly Value[]): Value => folded(pair[by === 'key' ? 0 : 1], given);
      visit(value.size);
      return [...value]
        .map((pair) => ({ pair, key: key(pair) }))
        .sort((a, b) => sign * compare(a.key, b.key))
        .map(({ pair }) => new Tuple(pair));
    },
  },
};

/** A list of its own, which may be changed. */
export function listOf(value: Value): Value[] {
  const items = iterate(value);
  visit(items.length);
  return [...items];
}

/** The member, or what the filter's `attribute` names of it. */
export function memberOf(one: Value, given: Bound): Value {
  const path = given.has('attribute') ? given.value('attribute') : null;
  return path === null ? one : byPath(one, path);
}

function folded(value: Value, given: Bound): Value {
  return typeof value === 'string' && !given.boolean('case_sensitive', false) ? lower(value) : value;
}

function extreme(value: Value, given: Bound, sign: 1 | -1): Value {
  const items = iterate(value);
  visit(items.length);
  if (items.length === 0) return undefined;
  const keyed = items.map((one) => ({ one, key: folded(memberOf(one, given), given) }));
  return keyed.reduce((best, next) => (sign * compare(next.key, best.key) < 0 ? next : best)).one;
}
