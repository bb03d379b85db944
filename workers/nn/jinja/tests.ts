/** The tests of Jinja 3.1 (`is defined`). One that is not in this list is refused by name. */
import { bind, type Bound } from './arguments.ts';
import { isCased } from './text-methods.ts';
import {
  Callable,
  compare,
  contains,
  equal,
  Float,
  isDict,
  isList,
  Iterator,
  Namespace,
  numeric,
  text,
  Tuple,
  typeName,
  View,
  type Arguments,
  type Value,
} from './values.ts';

interface Test {
  readonly parameters: readonly string[];
  readonly call: (value: Value, given: Bound) => boolean;
}

const plain = (call: (value: Value) => boolean): Test => ({ parameters: [], call });
const against = (call: (value: Value, other: Value) => boolean): Test => ({
  parameters: ['other'],
  call: (value, given) => call(value, given.value('other')),
});
const remainder = (value: Value, by: number): number => {
  const number = numeric(value);
  if (number === null || value instanceof Float) throw new Error(`“${typeName(value)}” is no whole number`);
  if (by === 0) throw new Error('division by zero');
  return number % by;
};
const eq = against(equal);
const ne = against((value, other) => !equal(value, other));
const gt = against((value, other) => compare(value, other) > 0);
const ge = against((value, other) => compare(value, other) >= 0);
const lt = against((value, other) => compare(value, other) < 0);
const le = against((value, other) => compare(value, other) <= 0);

const tests: Readonly<Record<string, Test>> = {
  defined: plain((value) => value !== undefined),
  undefined: plain((value) => value === undefined),
  none: plain((value) => value === null),
  boolean: plain((value) => typeof value === 'boolean'),
  true: plain((value) => value === true),
  false: plain((value) => value === false),
  string: plain((value) => typeof value === 'string'),
  integer: plain((value) => typeof value === 'number'),
  float: plain((value) => value instanceof Float),
  number: plain((value) => numeric(value) !== null),
  mapping: plain(isDict),
  sequence: plain(
    (value) =>
      value === undefined ||
      typeof value === 'string' ||
      isList(value) ||
      value instanceof Tuple ||
      (value instanceof View && value.type === 'range') ||
      isDict(value),
  ),
  iterable: plain(
    (value) =>
      value === undefined ||
      typeof value === 'string' ||
      isList(value) ||
      value instanceof Tuple ||
      value instanceof View ||
      value instanceof Iterator ||
      isDict(value),
  ),
  callable: plain((value) => {
    if (value === undefined || value instanceof Namespace)
      throw new Error(`“callable” of “${typeName(value)}” is not computed here`);
    return value instanceof Callable;
  }),
  lower: plain((value) => isCased(text(value), 'lower')),
  upper: plain((value) => isCased(text(value), 'upper')),
  odd: plain((value) => remainder(value, 2) !== 0),
  even: plain((value) => remainder(value, 2) === 0),
  divisibleby: {
    parameters: ['num'],
    call: (value, given) => remainder(value, given.whole('num')) === 0,
  },
  in: against((value, other) => contains(other, value)),
  sameas: against((value, other) => {
    if (other !== null && typeof other !== 'boolean')
      throw new Error(`“sameas” with “${typeName(other)}” is not computed here`);
    return value === other;
  }),
  ...{ eq, '==': eq, equalto: eq, ne, '!=': ne, gt, '>': gt, greaterthan: gt, ge, '>=': ge },
  ...{ lt, '<': lt, lessthan: lt, le, '<=': le },
};

/** Throws Error for a test that is not computed. */
export function applyTest(name: string, value: Value, given: Arguments): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (!test) throw new Error(`the test “${name}” is not computed here`);
  return test.call(value, bind(name, given, test.parameters));
}
