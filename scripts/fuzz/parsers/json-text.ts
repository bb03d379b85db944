/** The two readers of JSON, each held to JSON.parse and to the other. */
import { isDeepStrictEqual } from 'node:util';
import { parseBoundedJson } from '../../../core/bounded-json.ts';
import { JsonError, parseStrictJson, type JsonValue } from '../../../core/strict-json.ts';
import { agree, type ParserRow } from '../parser.ts';
import { asJson, bytesAt, decoded, encoded } from '../seeds.ts';

/** NaN and Infinity, which Python writes, are put there by the mutations. */
const seeds = () => [
  asJson({ a: 1, b: [true, null, 'x\u0000\u2028"\\'], c: { d: -1.5e-7 } }),
  asJson([[], {}, '', 0, [1, [2, [3]]]]),
  encoded(' { "\\ud83d\\ude00" : "\\u00e9 NaN, Infinity" , "n" : [ 1E+3 , 0.1e1 , -0 ] } '),
  bytesAt('public/models/demo/manifest.json'),
];

const limits = { maxDepth: 32, maxValues: 50_000 };
/** Refusals that are not about the syntax: JSON.parse has none of these rules. */
const ownRules = /given twice|nested too deeply|more than \d+ values/;

/** Maps as the objects of JSON.parse. */
function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, one] of value)
    Object.defineProperty(object, key, {
      value: plain(one),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

const accepts = (parse: () => unknown): { readonly value: unknown } | { readonly refused: string } => {
  try {
    return { value: parse() };
  } catch (thrown) {
    return { refused: (thrown as Error).message };
  }
};

export const jsonTextRows: readonly ParserRow[] = [
  {
    name: 'JSON, strict (core/strict-json.ts)',
    shape: 'json',
    seeds,
    refuses: (thrown) => thrown instanceof JsonError,
    parse(input) {
      const text = decoded(input);
      const second = accepts(() => JSON.parse(text));
      const first = accepts(() => plain(parseStrictJson(text, limits)));
      if ('value' in first)
        agree(
          'value' in second && isDeepStrictEqual(first.value, second.value),
          'JSON.parse reads it otherwise.',
        );
      else if ('value' in second)
        agree(ownRules.test(first.refused), `JSON.parse accepts it: ${first.refused}`);
      parseStrictJson(text, limits);
    },
  },
  {
    name: 'JSON, as Python writes it (core/bounded-json.ts)',
    shape: 'json',
    seeds,
    words: ['NaN', 'Infinity', '-Infinity'],
    refuses: (thrown) => thrown instanceof SyntaxError,
    parse(input) {
      const text = decoded(input);
      const first = accepts(() => parseBoundedJson(text));
      const second = accepts(() =>
        plain(parseStrictJson(text, { maxDepth: 100, maxValues: 1e6, pythonNumbers: true })),
      );
      if ('value' in first)
        agree(
          'value' in second ? isDeepStrictEqual(first.value, second.value) : ownRules.test(second.refused),
          'The strict reader reads it otherwise.',
        );
      else
        agree(
          !('value' in second) || /nested/.test(first.refused),
          `The strict reader accepts it: ${first.refused}`,
        );
      parseBoundedJson(text);
    },
  },
];
