/**
 * What is done with each key of a file that somebody else wrote. A reader has one list; it acts by it, and
 * `docs/what-is-read.md` is written from it, so the two cannot disagree. A key that stands in no list falls under
 * `others`: nothing is left out in silence.
 */

/**
 * - `used`: the reader takes its value, and refuses one that it cannot honour.
 * - `harmless`: it changes no result here, whatever its value.
 * - `named`: it would change results and is not heeded; a finding says so.
 * - `refused`: what it asks for is not computed, and leaving it out would give wrong results; opening ends.
 */
export type Treatment = 'used' | 'harmless' | 'named' | 'refused';

export interface KeyRule {
  readonly treatment: Treatment;
  /** What the key does, or why it changes nothing: a clause without a full stop, for messages and the docs. */
  readonly why: string;
  /** Values with which a named or refused key changes nothing. A key that is absent or null never does. */
  readonly idle?: readonly unknown[];
  /** A null, which elsewhere means that nothing is said, is refused. */
  readonly refusesNull?: true;
  /** Named, and of no effect in the program that the file was written for either. */
  readonly idleThere?: true;
}

export const used = (why: string): KeyRule => ({ treatment: 'used', why });
/** Used where it is there; null is no value for it. */
export const needed = (why: string): KeyRule => ({ treatment: 'used', why, refusesNull: true });
export const harmless = (why: string): KeyRule => ({ treatment: 'harmless', why });
/** @param idle values with which nothing changes */
export const named = (why: string, ...idle: readonly unknown[]): KeyRule => ({
  treatment: 'named',
  why,
  idle,
});
/** A key that does nothing in this file, but does in others of its kind: perhaps it was meant to. */
export const namedInVain = (why: string): KeyRule => ({ treatment: 'named', why, idleThere: true });
/** @param idle values with which nothing changes */
export const refused = (why: string, ...idle: readonly unknown[]): KeyRule => ({
  treatment: 'refused',
  why,
  idle,
});

export interface ReadRules {
  /** The file as a person knows it: `adapter_config.json`. */
  readonly file: string;
  /** What the file is, in one sentence. */
  readonly about: string;
  readonly keys: Readonly<Record<string, KeyRule>>;
  /** For every key that is not listed. */
  readonly others: KeyRule;
}

export interface FoundKey {
  readonly key: string;
  readonly value: unknown;
  readonly rule: KeyRule;
}

export interface SortedKeys {
  readonly named: readonly FoundKey[];
  readonly refused: readonly FoundKey[];
}

/** The keys of a parsed file that something has to be said about, in the order of the file. */
export function sortKeys(rules: ReadRules, object: Readonly<Record<string, unknown>>): SortedKeys {
  const found = Object.entries(object)
    .map(([key, value]) => ({
      key,
      value,
      rule: (Object.hasOwn(rules.keys, key) ? rules.keys[key] : undefined) ?? rules.others,
    }))
    .filter(({ value, rule }) => !isIdle(value, rule));
  const treated = (treatment: Treatment): FoundKey[] =>
    found.filter(({ rule }) => rule.treatment === treatment);
  return {
    named: treated('named'),
    refused: found.filter(({ value, rule }) => rule.treatment === 'refused' || value === null),
  };
}

export function isIdle(value: unknown, { idle = [], refusesNull }: KeyRule): boolean {
  if (value === null && refusesNull) return false;
  if (value === null || value === undefined) return true;
  if (idle.length === 0) return false;
  const text = JSON.stringify(value);
  return idle.some((one) => JSON.stringify(one) === text);
}
