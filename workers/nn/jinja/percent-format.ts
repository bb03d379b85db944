/** Python's `text % values`, for the conversions that a template may need. */
import { firstOf, lengthOf } from './characters.ts';
import { isDict, numeric, repr, text, Tuple, typeName, whole, Float, type Value } from './values.ts';
import { make, visit } from './work.ts';

const maxWidth = 1000;

export function percentFormat(pattern: string, values: readonly Value[]): string {
  visit(pattern.length);
  let next = 0;
  const written = pattern.replace(
    /%(?:([-0+ ]*)([1-9]\d*)?(?:\.(\d+))?([sdrif%])|[\s\S]?)/g,
    (whole_: string, flags?: string, width?: string, digits?: string, kind?: string) => {
      if (kind === undefined) throw new Error(`the format “${whole_}” is not computed here`);
      if (kind === '%') return '%';
      if (next >= values.length) throw new Error('a format has more places than values');
      const made = pad(convert(values[next++], kind, digits, flags ?? ''), flags ?? '', width ?? '', kind);
      make(made.length);
      return made;
    },
  );
  if (next < values.length) throw new Error('a format has fewer places than values');
  make(written.length);
  return written;
}

/** The values of `text % right`. */
export function percentValues(right: Value): readonly Value[] {
  if (isDict(right)) throw new Error('a format by names is not computed here');
  return right instanceof Tuple ? right.items : [right];
}

function convert(value: Value, kind: string, digits: string | undefined, flags: string): string {
  if (kind === 's' || kind === 'r') {
    const written = kind === 's' ? text(value) : repr(value);
    return digits === undefined ? written : firstOf(written, Number(digits));
  }
  const number = numeric(value);
  if (number === null) throw new Error(`a number is formatted, but there is “${typeName(value)}”`);
  const sign = flags.includes('+') && number >= 0 ? '+' : flags.includes(' ') && number >= 0 ? ' ' : '';
  if (kind === 'f') return sign + fixed(number, Number(digits ?? 6));
  if (digits !== undefined) throw new Error('digits of a whole number are not computed here');
  return sign + String(whole(Math.trunc(value instanceof Float ? value.value : number)));
}

function pad(written: string, flags: string, width: string, kind: string): string {
  const wanted = Number(width);
  if (wanted > maxWidth) throw new Error(`a format is ${wanted} characters wide`);
  const missing = wanted - lengthOf(written);
  if (missing <= 0) return written;
  if (flags.includes('-')) return written + ' '.repeat(missing);
  if (!flags.includes('0') || kind === 's' || kind === 'r') return ' '.repeat(missing) + written;
  const [sign = ''] = /^[-+ ]/.exec(written) ?? [];
  return sign + '0'.repeat(missing) + written.slice(sign.length);
}

/** `digits` behind the point; of two that are equally near, the even one, as Python rounds. */
export function fixed(value: number, digits: number): string {
  if (digits > 20 || Math.abs(value) >= 1e15) throw new Error('a number of this size is not formatted here');
  // The whole decimal value: no double below 1e15 has more than a hundred digits that matter here.
  const [integer = '', fraction = ''] = Math.abs(value).toFixed(100).split('.');
  if (!/^50*$/.test(fraction.slice(digits))) return value.toFixed(digits);
  const even = BigInt(integer + fraction.slice(0, digits));
  const rounded = String(even % 2n === 0n ? even : even + 1n).padStart(digits + 1, '0');
  const at = rounded.length - digits;
  return (value < 0 ? '-' : '') + rounded.slice(0, at) + (digits > 0 ? `.${rounded.slice(at)}` : '');
}
