/** Filters that apply another filter, or a test, to each member: `map`, `select` and their like. */
import { bind } from './arguments.ts';
import { item } from './members.ts';
import { iterate, Iterator, truth, type Arguments, type Value } from './values.ts';
import { visit } from './work.ts';

/** Other filters and tests by name, for `map`, `select` and their like. */
export interface Others {
  readonly filter: (name: string, value: Value, given: Arguments) => Value;
  readonly test: (name: string, value: Value, given: Arguments) => boolean;
}

export function map(value: Value, given: Arguments, others: Others): Value {
  const items = iterate(value);
  visit(items.length);
  if (given.positional.length === 0) {
    const bound = bind('map', given, ['attribute', 'default']);
    return new Iterator(
      items.map((one) => {
        const found = byPath(one, bound.value('attribute'));
        return found === undefined && bound.has('default') ? bound.value('default') : found;
      }),
    );
  }
  const [name, ...positional] = given.positional;
  if (typeof name !== 'string') throw new Error('map takes the name of a filter');
  return new Iterator(items.map((one) => others.filter(name, one, { positional, named: given.named })));
}

export function select(
  value: Value,
  given: Arguments,
  others: Others,
  kept: boolean,
  member: boolean,
): Value {
  const rest = [...given.positional];
  const path = member ? rest.shift() : undefined;
  const [name, ...positional] = rest;
  if (name !== undefined && typeof name !== 'string') throw new Error('the name of a test is a text');
  const passes = (one: Value): boolean => {
    const tested = member ? byPath(one, path) : one;
    return name === undefined ? truth(tested) : others.test(name, tested, { positional, named: given.named });
  };
  const items = iterate(value);
  visit(items.length);
  return new Iterator(items.filter((one) => passes(one) === kept));
}

/** `a.b.0`, step by step. */
export function byPath(one: Value, path: Value): Value {
  if (typeof path === 'number') return item(one, path);
  if (typeof path !== 'string' || path.includes(','))
    throw new Error('an attribute is named by a text without commas');
  // It is read again for each member.
  visit(path.length);
  return path.split('.').reduce<Value>((of, part) => item(of, /^\d+$/.test(part) ? Number(part) : part), one);
}
