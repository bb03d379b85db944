/** One finding for all keys of a file that are not heeded: those that would change results, and those not known. */
import type { Finding } from '../family/pairing.ts';
import { sortKeys, type FoundKey, type ReadRules } from './rules.ts';

export interface Unheeded {
  /** The key with its place in the file: `size.max_height`. */
  readonly place: string;
  readonly why: string;
  /** Whether what the key does is known here. */
  readonly known: boolean;
}

/** @param prefix the place of the object in its file, with a dot at its end */
export const unheededKeys = (
  rules: ReadRules,
  object: Readonly<Record<string, unknown>>,
  prefix = '',
): readonly Unheeded[] =>
  sortKeys(rules, object).named.map(({ key, rule }: FoundKey) => ({
    place: `${prefix}${key}`.slice(0, 120),
    why: rule.why,
    known: Object.hasOwn(rules.keys, key),
  }));

/**
 * A warning where one of the keys is known to change results, and a notice where none is known.
 * @param file with the model's name, for the sentence
 * @param concern what does not heed the keys: “the preparation of images here”
 */
export function namedKeys(
  code: string,
  file: string,
  concern: string,
  keys: readonly Unheeded[],
  remedy: string,
): Finding[] {
  if (keys.length === 0) return [];
  const said = keys.slice(0, 12).map(({ place, why }) => `${place} (${why})`);
  const more = keys.length > said.length ? ` and ${keys.length - said.length} more` : '';
  return [
    {
      code,
      severity: keys.some(({ known }) => known) ? 'warning' : 'info',
      tensors: [],
      message: `${file} has ${keys.length === 1 ? 'a setting' : `${keys.length} settings`} that ${concern} not heed: ${said.join(', ')}${more}.`,
      remedy,
    },
  ];
}
