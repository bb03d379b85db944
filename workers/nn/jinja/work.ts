/**
 * What the operations of a template count as (core/work.ts): a character that is read or made is one unit, a member of
 * a list or dict ten, and the evaluation of one part of the template a hundred. All that a rendering may take is about
 * a second and at most some 300 MB. The templates of well-known models take some ten thousand units and one for each
 * character of the messages.
 */
import { spend } from '../../../core/work.ts';

/** Characters of one text. */
export const maxText = 2 ** 22;
const perMember = 10;
const perStep = 100;
/** Lists in lists. Python's own limit is a thousand frames. */
const maxDepth = 200;

let depth = 0;

/** A part of the template is evaluated. */
export function step(): void {
  spend(perStep);
}

/** So many members are gone through, or a list of so many is made. */
export function visit(members: number): void {
  spend(members * perMember);
}

/** So many characters are gone through. */
export function read(characters: number): void {
  spend(characters);
}

/** A text of so many characters is made. */
export function make(characters: number): void {
  if (characters > maxText) throw new Error(`it makes a text of more than ${maxText} characters`);
  spend(characters);
}

/** `parts.join(between)` */
export function joined(parts: readonly string[], between = ''): string {
  visit(parts.length);
  make(parts.reduce((sum, { length }) => sum + length, Math.max(0, parts.length - 1) * between.length));
  return parts.join(between);
}

/** Members of members. */
export function deeper<T>(run: () => T): T {
  if (++depth > maxDepth) throw new Error(`something in it is nested more than ${maxDepth} deep`);
  try {
    return run();
  } finally {
    depth--;
  }
}
