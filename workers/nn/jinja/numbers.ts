/** Numbers as Python reads and adds them. */
import { stripped } from './text-methods.ts';
import { Float, isList, numeric, Tuple, typeName, whole, type Value } from './values.ts';
import { joined, read, visit } from './work.ts';

/** A number as Python's `int` and `float` read it from a text, else null. */
export function numberIn(value: string): number | null {
  read(value.length);
  const trimmed = stripped(value, null, true, true).replace(/(?<=\d)_(?=\d)/g, '');
  return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : null;
}

/** `a + b` */
export function add(a: Value, b: Value): Value {
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== null && right !== null)
    return a instanceof Float || b instanceof Float ? new Float(left + right) : whole(left + right);
  if (typeof a === 'string' && typeof b === 'string') return joined([a, b]);
  if (isList(a) && isList(b)) {
    visit(a.length + b.length);
    return [...a, ...b];
  }
  if (a instanceof Tuple && b instanceof Tuple && typeName(a) === 'tuple' && typeName(b) === 'tuple') {
    visit(a.items.length + b.items.length);
    return new Tuple([...a.items, ...b.items]);
  }
  throw new Error(`“${typeName(a)}” and “${typeName(b)}” cannot be added`);
}
