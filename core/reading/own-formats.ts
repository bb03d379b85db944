/**
 * Files in the project's own formats, which people write by hand as well: a key that is not known is a slip of the
 * pen, or was written by a newer studio. It is refused by name, because what it was meant to set would be left out.
 */
import { StudioError } from '../errors.ts';
import type { JsonField } from '../json-field.ts';
import { harmless, refused, sortKeys, type KeyRule, type ReadRules } from './rules.ts';

const unknown = refused('no such key is known, and what it was meant to set would be left out');

/** For those who read the file. */
export const remarks: Readonly<Record<string, KeyRule>> = Object.fromEntries(
  ['description', 'licence', 'license', 'origin'].map((key) => [
    key,
    harmless('it is for those who read the file'),
  ]),
);

/** The rules of an object in such a file. */
export const ownFormat = (
  file: string,
  about: string,
  keys: Readonly<Record<string, KeyRule>>,
  others: KeyRule = unknown,
): ReadRules => ({ file, about, keys, others });

const longestKey = 80;

/** Throws `bad-file` for the first key of the object that the rules refuse, and for what is no object. */
export function refuseUnknown(field: JsonField, rules: ReadRules): void {
  const members = Object.fromEntries(field.keys().map((key) => [key, field.at(key).raw]));
  const [first] = sortKeys(rules, members).refused;
  if (!first) return;
  const { key, rule } = first;
  const place = field.at(key.length > longestKey ? `${key.slice(0, longestKey)}…` : key).place;
  throw new StudioError(
    'bad-file',
    `${field.file} has the key ${place}: ${rule.why}. Correct it, or take it out.`,
    { details: { file: field.file, key: place, value: key.slice(0, longestKey) } },
  );
}
