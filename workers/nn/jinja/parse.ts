/** A template as statements, after the parser of Jinja 3.1. Throws Error for what it does not know. */
import { ParseExpressions } from './parse-expressions.ts';
import { lex } from './lex.ts';
import type { MacroSyntax, Parameter, Place, Statement } from './syntax.ts';

export function parse(template: string): readonly Statement[] {
  return new Parser(lex(template)).template();
}

class Parser extends ParseExpressions {
  template(): readonly Statement[] {
    const body = this.#body([]);
    if (this.tokens.length > this.at) throw new Error(`the tag “${this.peek(1)?.text}” has no beginning`);
    return body;
  }

  /** Up to one of the tags `ends`, whose name is then the next token. */
  #body(ends: readonly string[]): Statement[] {
    const statements: Statement[] = [];
    return this.deeper(() => {
      for (;;) {
        const token = this.tokens[this.at];
        if (!token) {
          if (ends.length > 0) throw new Error(`a tag “${ends[0]}” is missing`);
          return statements;
        }
        if (token.kind === 'text') {
          this.at++;
          statements.push({ kind: 'text', text: token.text });
        } else if (token.text === '{{') {
          this.at++;
          statements.push({ kind: 'print', value: this.tuple() });
          this.#close();
        } else {
          const name = this.peek(1);
          if (name?.kind !== 'name') throw new Error('a tag has no name');
          if (ends.includes(name.text)) {
            this.at++;
            return statements;
          }
          if (/^(end|else$|elif$)/.test(name.text)) {
            if (ends.length === 0) return statements;
            throw new Error(`the tag “${name.text}” stands where “${ends[0]}” should`);
          }
          this.at += 2;
          statements.push(this.#statement(name.text));
        }
      }
    });
  }

  /** Through the closing tag `end`. */
  #rest(end: string): Statement[] {
    this.#close();
    const body = this.#body([end]);
    this.at++;
    this.#close();
    return body;
  }

  #close(): void {
    const token = this.tokens[this.at];
    if (token?.kind !== 'close') throw new Error(`a tag has an unexpected “${token?.text ?? 'end'}”`);
    this.at++;
  }

  #statement(name: string): Statement {
    switch (name) {
      case 'if':
        return this.#if();
      case 'for':
        return this.#for();
      case 'set':
        return this.#set();
      case 'with':
        return this.#with();
      case 'macro': {
        const macro = this.name();
        return { kind: 'macro', name: macro, macro: this.#macro(this.#parameters(), 'endmacro') };
      }
      case 'call': {
        const parameters = this.isOperator('(') ? this.#parameters() : [];
        const call = this.expression();
        if (call.kind !== 'call') throw new Error('the tag “call” calls nothing');
        return { kind: 'call-block', call, macro: this.#macro(parameters, 'endcall') };
      }
      case 'filter': {
        const filters = this.filters();
        return { kind: 'filter-block', filters, body: this.#rest('endfilter') };
      }
      case 'generation':
        return { kind: 'generation', body: this.#rest('endgeneration') };
      case 'break':
      case 'continue':
        this.#close();
        return { kind: name };
      default:
        throw new Error(`the tag “${name}” is not computed here`);
    }
  }

  #if(): Statement {
    const test = this.tuple(false);
    this.#close();
    const then = this.#body(['endif', 'elif', 'else']);
    const word = this.name();
    if (word === 'elif') return { kind: 'if', test, then, otherwise: [this.#if()] };
    this.#close();
    if (word === 'endif') return { kind: 'if', test, then, otherwise: [] };
    const otherwise = this.#body(['endif']);
    this.at++;
    this.#close();
    return { kind: 'if', test, then, otherwise };
  }

  #for(): Statement {
    const place = this.#place(false);
    if (this.name() !== 'in') throw new Error('the tag “for” lacks “in”');
    const over = this.tuple(false);
    const test = this.takeName('if') ? this.expression() : null;
    if (this.takeName('recursive')) throw new Error('a recursive loop is not computed here');
    this.#close();
    const body = this.#body(['endfor', 'else']);
    const word = this.name();
    this.#close();
    if (word === 'endfor') return { kind: 'for', place, over, test, body, otherwise: [] };
    const otherwise = this.#body(['endfor']);
    this.at++;
    this.#close();
    return { kind: 'for', place, over, test, body, otherwise };
  }

  #set(): Statement {
    const place = this.#place(true);
    if (this.takeOperator('=')) {
      const value = this.tuple();
      this.#close();
      return { kind: 'set', place, value };
    }
    const filters = this.isOperator('|') ? this.morePipes() : [];
    return { kind: 'set-block', place, filters, body: this.#rest('endset') };
  }

  #with(): Statement {
    const [places, values]: [Place[], ReturnType<Parser['expression']>[]] = [[], []];
    while (this.tokens[this.at]?.kind !== 'close') {
      if (places.length > 0) this.operator(',');
      places.push(this.#place(false, false));
      this.operator('=');
      values.push(this.expression());
    }
    return { kind: 'with', places, values, body: this.#rest('endwith') };
  }

  #macro(parameters: readonly Parameter[], end: string): MacroSyntax {
    return { parameters, body: this.#rest(end) };
  }

  #parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    this.operator('(');
    while (!this.takeOperator(')')) {
      if (parameters.length > 0) this.operator(',');
      const name = this.name();
      parameters.push({ name, otherwise: this.takeOperator('=') ? this.expression() : null });
    }
    return parameters;
  }

  #place(member: boolean, several = true): Place {
    const places: Place[] = [];
    const bracket = several && this.takeOperator('(');
    let more = false;
    do {
      const name = this.name();
      if (/^([Tt]rue|[Ff]alse|[Nn]one)$/.test(name)) throw new Error(`“${name}” takes no value`);
      if (member && this.takeOperator('.')) return { kind: 'member', of: name, name: this.name() };
      places.push({ kind: 'name', name });
      more = several && this.takeOperator(',');
      if (more && places.length === 1 && !this.isName()) break;
    } while (more && this.isName());
    if (bracket) this.operator(')');
    return places.length === 1 && !more ? (places[0] as Place) : { kind: 'names', places };
  }
}
