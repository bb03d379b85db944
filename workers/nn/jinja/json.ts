/** `tojson` of `transformers`: Python's `json.dumps` with `ensure_ascii=False`. */
import { floatText, isDict, isList, numeric, Tuple, typeName, Float, compare, type Value } from './values.ts';
import { deeper, joined, make, read, visit } from './work.ts';

export interface JsonOptions {
  readonly ascii: boolean;
  /** What one level is indented by; null writes one line. */
  readonly indent: string | null;
  readonly separators: readonly [string, string];
  readonly sorted: boolean;
}

export function toJson(value: Value, options: JsonOptions, margin = ''): string {
  visit(1);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return jsonText(value, options.ascii);
  if (value instanceof Float) return floatText(value.value).replace('inf', 'Infinity').replace('nan', 'NaN');
  if (numeric(value) !== null) return String(numeric(value));
  const inner = options.indent === null ? margin : margin + options.indent;
  const [between, behindKey] = options.separators;
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (options.indent === null) return joined([open, joined(parts, between), close]);
    return joined([open, '\n', inner, joined(parts, `${between}\n${inner}`), '\n', margin, close]);
  };
  if (isList(value) || value instanceof Tuple) {
    const items = isList(value) ? value : value.items;
    return wrap(
      '[',
      deeper(() => items.map((item) => toJson(item, options, inner))),
      ']',
    );
  }
  if (isDict(value)) {
    visit(value.size);
    const members = [...value];
    if (options.sorted) members.sort(([a], [b]) => compare(a, b));
    return wrap(
      '{',
      deeper(() =>
        members.map(([key, item]) =>
          joined([jsonText(String(key), options.ascii), behindKey, toJson(item, options, inner)]),
        ),
      ),
      '}',
    );
  }
  throw new Error(`“${typeName(value)}” cannot be written as JSON`);
}

function jsonText(value: string, ascii: boolean): string {
  // JSON.stringify escapes lone surrogates, which Python does not; no text of a template has one.
  read(value.length);
  const written = JSON.stringify(value);
  make(written.length);
  if (!ascii) return written;
  visit(written.length);
  return written.replace(/[\x7f-\uffff]/g, (unit) =>
    unit === '\x7f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
