/** Where a parser stands among the tokens of a template. */
import type { Token } from './lex.ts';

/** Brackets in brackets and blocks in blocks. Real templates stay below 20. */
const maxDepth = 200;

export class Cursor {
  readonly tokens: readonly Token[];
  at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  protected deeper<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) throw new Error(`it is nested more than ${maxDepth} deep`);
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  protected peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  protected isOperator(...texts: readonly string[]): boolean {
    const token = this.peek();
    return token?.kind === 'operator' && texts.includes(token.text);
  }

  protected isName(...texts: readonly string[]): boolean {
    const token = this.peek();
    return token?.kind === 'name' && (texts.length === 0 || texts.includes(token.text));
  }

  protected takeOperator(text: string): boolean {
    const is = this.isOperator(text);
    if (is) this.at++;
    return is;
  }

  protected takeName(text: string): boolean {
    const is = this.isName(text);
    if (is) this.at++;
    return is;
  }

  protected operator(text: string): void {
    if (!this.takeOperator(text)) this.unexpected(`“${text}”`);
  }

  protected name(): string {
    const token = this.peek();
    if (token?.kind !== 'name') return this.unexpected('a name');
    this.at++;
    return token.text;
  }

  protected unexpected(wanted: string): never {
    throw new Error(`a tag has “${this.peek()?.text ?? 'its end'}” where ${wanted} belongs`);
  }
}
