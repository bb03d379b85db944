/**
 * An expression that somebody else wrote, in place of the engine's own: it finds the same, and what it does is counted
 * (core/work.ts). The engine's tries all ways through some expressions, which takes longer than anybody waits, and
 * nothing can stop it.
 *
 * `match`, `matchAll`, `replace`, `replaceAll` and `split` of a text take it as they take any RegExp. Flags are `u`,
 * `g` and `y`. Groups are not given: `split` puts none between its pieces.
 */
import { spend } from '../work.ts';
import { Attempt } from './attempt.ts';
import { compile, type Program } from './compile.ts';

/** What `replace` and its like do with each match. */
const perMatch = 100;

export class CountedRegExp extends RegExp {
  readonly #program: Program;
  readonly #unitsOfMatch: number;
  /** Steps that the search before had counted and did not need. */
  #paid = 0;

  /**
   * @param unitsOfMatch what each match counts beside the search for it, such as the text that takes its place
   * @throws Error, as the end of a sentence about the expression, where it is not read
   */
  constructor(pattern: string | RegExp, flags = 'gu', unitsOfMatch = 0) {
    super(pattern, flags);
    if (!/^[gy]*u[gy]*$/.test(this.flags)) throw new Error(`has the flags “${this.flags}”`);
    const known = pattern instanceof CountedRegExp;
    this.#program = known ? pattern.#program : compile(this.source);
    this.#unitsOfMatch = known ? pattern.#unitsOfMatch : unitsOfMatch;
  }

  override exec(text: string): RegExpExecArray | null {
    const moves = this.global || this.sticky;
    const attempt = new Attempt(this.#program, text, this.#paid);
    const last = this.sticky ? this.lastIndex : text.length;
    for (let at = moves ? this.lastIndex : 0; at <= last && at <= text.length; at += widthAt(text, at)) {
      const end = attempt.end(at);
      this.#paid = attempt.paid;
      if (end === -1) continue;
      spend(perMatch + this.#unitsOfMatch + end - at);
      if (moves) this.lastIndex = end;
      return Object.assign([text.slice(at, end)] as [string], { index: at, input: text });
    }
    if (moves) this.lastIndex = 0;
    return null;
  }
}

const widthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
