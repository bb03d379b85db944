/**
 * A regular expression of JavaScript (flag `u`) as the instructions of a small machine that tries its ways through a
 * text in the order in which JavaScript tries them (ECMA-262, 22.2.2), so that each step can be counted. Groups
 * are not remembered: what refers back to one is refused.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { CodePointSet, type Tested } from './code-point-set.ts';

export type Instruction =
  /** The next code point, or behind a look back the one before. */
  | { readonly kind: 'one'; readonly of: Tested; readonly back: boolean }
  /** Both ways; the first one first. */
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  /** A turn of a loop begins, and one that ends where it began fails. */
  | { readonly kind: 'enter' | 'leave'; readonly register: number }
  /** What lies between here and `next` is looked for without being taken. */
  | { readonly kind: 'look'; readonly negate: boolean; next: number }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'word'; readonly negate: boolean }
  | { readonly kind: 'match' };

export interface Program {
  readonly code: readonly Instruction[];
  readonly registers: number;
}

const maxInstructions = 20_000;
const maxDepth = 100;

/** @throws Error, as the end of a sentence about the expression, where it is none or asks for what is not read */
export function compile(source: string): Program {
  let pattern: AST.Pattern;
  try {
    pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: true });
  } catch (cause) {
    throw new Error('is no regular expression', { cause });
  }
  const compiler = new Compiler();
  compiler.alternatives(pattern.alternatives, false);
  compiler.put({ kind: 'match' });
  return { code: compiler.code, registers: compiler.registers };
}

class Compiler {
  readonly code: Instruction[] = [];
  registers = 0;
  #depth = 0;

  put<T extends Instruction>(instruction: T): T {
    if (this.code.length >= maxInstructions) throw new Error('is too large');
    this.code.push(instruction);
    return instruction;
  }

  alternatives(alternatives: readonly AST.Alternative[], back: boolean): void {
    if (++this.#depth > maxDepth) throw new Error('is nested too deeply');
    const ends: { to: number }[] = [];
    alternatives.forEach(({ elements }, i) => {
      const last = i === alternatives.length - 1;
      const split = last ? null : this.put({ kind: 'split', first: this.code.length + 1, second: 0 });
      for (const element of back ? elements.toReversed() : elements) this.#element(element, back);
      if (!split) return;
      ends.push(this.put({ kind: 'jump', to: 0 }));
      split.second = this.code.length;
    });
    for (const end of ends) end.to = this.code.length;
    this.#depth--;
  }

  #element(element: AST.Element, back: boolean): void {
    switch (element.type) {
      case 'Character':
        this.put({ kind: 'one', of: element.value, back });
        return;
      case 'CharacterClass':
      case 'CharacterSet':
        this.put({ kind: 'one', of: CodePointSet.of(element.raw), back });
        return;
      case 'Group':
        if (element.modifiers) throw new Error('changes its flags');
        return this.alternatives(element.alternatives, back);
      case 'CapturingGroup':
        return this.alternatives(element.alternatives, back);
      case 'Quantifier':
        return this.#repeated(element, back);
      case 'Assertion':
        return this.#assertion(element);
      case 'Backreference':
        throw new Error('refers back to what it found');
      case 'ExpressionCharacterClass':
        throw new Error('uses a class that is not read here');
      default:
        element satisfies never;
    }
  }

  #assertion(assertion: AST.Assertion): void {
    switch (assertion.kind) {
      case 'start':
      case 'end':
        this.put({ kind: assertion.kind });
        return;
      case 'word':
        this.put({ kind: 'word', negate: assertion.negate });
        return;
      case 'lookahead':
      case 'lookbehind': {
        const look = this.put({ kind: 'look', negate: assertion.negate, next: 0 });
        this.alternatives(assertion.alternatives, assertion.kind === 'lookbehind');
        this.put({ kind: 'match' });
        look.next = this.code.length;
        return;
      }
      default:
        assertion satisfies never;
    }
  }

  #repeated({ element, min, max, greedy }: AST.Quantifier, back: boolean): void {
    if (++this.#depth > maxDepth) throw new Error('is nested too deeply');
    for (let i = 0; i < min; i++) this.#element(element, back);
    const ways = (): { first: number; second: number } => this.put({ kind: 'split', first: 0, second: 0 });
    const choose = (split: { first: number; second: number }, into: number, past: number): void => {
      split.first = greedy ? into : past;
      split.second = greedy ? past : into;
    };
    // A turn that could be left out must not end where it began; one character never does.
    const single = ['Character', 'CharacterClass', 'CharacterSet'].includes(element.type);
    const turn = (): void => {
      if (single) return this.#element(element, back);
      const register = this.registers++;
      this.put({ kind: 'enter', register });
      this.#element(element, back);
      this.put({ kind: 'leave', register });
    };
    if (max === Infinity) {
      const begin = this.code.length;
      const split = ways();
      turn();
      this.put({ kind: 'jump', to: begin });
      choose(split, begin + 1, this.code.length);
    } else {
      const splits: { split: { first: number; second: number }; into: number }[] = [];
      for (let i = min; i < max; i++) {
        splits.push({ split: ways(), into: this.code.length });
        turn();
      }
      for (const { split, into } of splits) choose(split, into, this.code.length);
    }
    this.#depth--;
  }
}
