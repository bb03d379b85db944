/** `value.name` and `value[index]`, as Jinja's sandbox reads them of Python's values. */
import { bind } from './arguments.ts';
import { characterAt, charactersOf } from './characters.ts';
import { textMethod } from './text-methods.ts';
import {
  Callable,
  equal,
  isDict,
  isList,
  Iterator,
  keyOf,
  Namespace,
  Tuple,
  typeName,
  View,
  type Dict,
  type Value,
} from './values.ts';
import { joined, read, visit } from './work.ts';

/** Methods that change what they belong to; the sandbox refuses them, too. */
const changing = [
  ...['append', 'clear', 'extend', 'insert', 'pop', 'popitem', 'remove', 'reverse', 'setdefault', 'sort'],
  'update',
];

export function attribute(of: Value, name: string): Value {
  if (of === undefined) throw new Error(`something without a value is asked for “${name}”`);
  const own = builtIn(of, name);
  if (own !== undefined) return own;
  if (of instanceof Namespace) return of.members.get(name);
  return isDict(of) ? of.get(name) : undefined;
}

export function item(of: Value, index: Value): Value {
  if (of === undefined) throw new Error('something without a value is asked for a member');
  if (isDict(of)) {
    if (index === undefined || index === null) return undefined;
    const key = keyOf(index);
    return of.has(key) ? of.get(key) : typeof key === 'string' ? builtIn(of, key) : undefined;
  }
  const items = of instanceof View && of.type === 'range' ? of.items : sequence(of);
  const at = typeof index === 'boolean' ? Number(index) : index;
  if (typeof at === 'number') {
    if (typeof of === 'string') return characterAt(of, at);
    if (items) return items.at(at);
  }
  if (typeof index !== 'string') return undefined;
  read(index.length);
  if (of instanceof Namespace) return of.members.get(index);
  return builtIn(of, index);
}

/** @param bounds start, stop and step; null and undefined stand for what is not written */
export function slice(of: Value, bounds: readonly Value[]): Value {
  const items = typeof of === 'string' ? charactersOf(of) : sequence(of);
  if (!items) throw new Error(`“${typeName(of)}” cannot be cut`);
  const [start, stop, step] = bounds.map((bound) => {
    if (bound === null || typeof bound === 'number') return bound;
    throw new Error(`a cut at “${typeName(bound)}” is not computed here`);
  });
  const by = step ?? 1;
  if (by === 0) throw new Error('the step of a cut is 0');
  const length = items.length;
  const clamp = (value: number): number =>
    by > 0
      ? Math.max(0, Math.min(length, value < 0 ? value + length : value))
      : Math.max(-1, Math.min(length - 1, value < 0 ? value + length : value));
  const from = start === null || start === undefined ? (by > 0 ? 0 : length - 1) : clamp(start);
  const to = stop === null || stop === undefined ? (by > 0 ? length : -1) : clamp(stop);
  visit(Math.max(0, Math.ceil((to - from) / by)));
  const taken: Value[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) taken.push(items[i]);
  if (typeof of === 'string') return joined(taken as string[]);
  return of instanceof Tuple ? new Tuple(taken) : taken;
}

function sequence(of: Value): readonly Value[] | null {
  return of instanceof Tuple ? of.items : isList(of) ? of : null;
}

/** Undefined where Python's type has no such attribute. */
function builtIn(of: Value, name: string): Value {
  if (name.startsWith('_')) throw new Error(`the attribute “${name}” is not given to templates`);
  if (typeof of === 'string') return textMethod(of, name);
  if (isDict(of)) return dictMethod(of, name);
  if (isList(of) || of instanceof Tuple) {
    const items = isList(of) ? of : of.items;
    if (isList(of) && (changing.includes(name) || name === 'copy')) refuse(name);
    if (name === 'count')
      return new Callable(name, (given) => {
        const wanted = bind(name, given, ['value']).value('value');
        return items.filter((one) => equal(one, wanted)).length;
      });
    if (name === 'index') refuse(name);
    return undefined;
  }
  if (of instanceof Callable || of instanceof Iterator || of instanceof View) refuse(name);
  // Numbers have methods as well; none of them is of use in a template.
  if (typeof of === 'number' || typeof of === 'boolean') return numberAttribute(name);
  return undefined;
}

function dictMethod(of: Dict, name: string): Value {
  switch (name) {
    case 'items':
      return new Callable(name, (given) => {
        bind(name, given, []);
        visit(of.size);
        return new View(
          'dict_items',
          [...of].map((pair) => new Tuple(pair)),
        );
      });
    case 'keys':
    case 'values':
      return new Callable(name, (given) => {
        bind(name, given, []);
        visit(of.size);
        return new View(`dict_${name}`, [...of[name]()]);
      });
    case 'get':
      return new Callable(name, (given) => {
        const bound = bind(name, given, ['key', 'default']);
        const key = bound.value('key');
        const otherwise = bound.has('default') ? bound.value('default') : null;
        if (key === null || key === undefined) return otherwise;
        return of.has(keyOf(key)) ? of.get(keyOf(key)) : otherwise;
      });
    case 'copy':
    case 'fromkeys':
      return refuse(name);
    default:
      if (['clear', 'pop', 'popitem', 'setdefault', 'update'].includes(name)) refuse(name);
      return undefined;
  }
}

function numberAttribute(name: string): undefined {
  const known = ['real', 'imag', 'numerator', 'denominator', 'conjugate', 'bit_length', 'bit_count'];
  if (known.includes(name) || /^(to|from|as|is)_/.test(name)) refuse(name);
  return undefined;
}

function refuse(name: string): never {
  throw new Error(`the method “${name}” is not computed here`);
}
