/** A class of characters, such as `\p{L}` or `[^\s\d]`, as the engine's own expressions have it. */

/** One code point, or a set of them. */
export type Tested = number | CodePointSet;

const [unknown, without, within] = [0, 1, 2];
/** Sets of expressions that were read before: the same few stand in most tokenizers. */
const sets = new Map<string, CodePointSet>();
const maxSets = 200;

export class CodePointSet {
  readonly #pattern: RegExp;
  /** What was asked before, of the characters up to U+FFFF. */
  readonly #known = new Uint8Array(0x10000);

  constructor(source: string) {
    this.#pattern = new RegExp(`^${source}$`, 'u');
  }

  static of(source: string): CodePointSet {
    const known = sets.get(source);
    if (known) return known;
    const made = new CodePointSet(source);
    if (sets.size >= maxSets) sets.clear();
    sets.set(source, made);
    return made;
  }

  has(point: number): boolean {
    if (point > 0xffff) return this.#pattern.test(String.fromCodePoint(point));
    const known = this.#known[point];
    if (known !== unknown) return known === within;
    const has = this.#pattern.test(String.fromCodePoint(point));
    this.#known[point] = has ? within : without;
    return has;
  }
}
