/** The expressions of a template, with the precedences of Jinja 3.1. */
import { Cursor } from './cursor.ts';
import type { BinaryOperator, Comparison, Expression, FilterUse, Given } from './syntax.ts';

const constants: Readonly<Record<string, boolean | null>> = {
  ...{ true: true, True: true, false: false, False: false },
  ...{ none: null, None: null },
};
const comparisons = ['==', '!=', '<', '<=', '>', '>='];
const nothing: Given = { positional: [], named: [], spread: null, spreadNamed: null };

export class ParseExpressions extends Cursor {
  protected expression(conditional = true): Expression {
    return this.deeper(() => (conditional ? this.#either() : this.#or()));
  }

  /** One expression, or several with commas between them. */
  protected tuple(conditional = true, bracketed = false): Expression {
    const items: Expression[] = [];
    let several = false;
    for (;;) {
      if (this.peek()?.kind === 'close' || this.isOperator(')') || this.isName('recursive')) break;
      items.push(this.expression(conditional));
      if (!this.takeOperator(',')) break;
      several = true;
    }
    if (!several && items.length === 1) return items[0] as Expression;
    if (items.length === 0 && !bracketed) this.unexpected('an expression');
    return { kind: 'tuple', items };
  }

  #either(): Expression {
    let value = this.#or();
    while (this.takeName('if')) {
      const test = this.#or();
      const otherwise = this.takeName('else') ? this.expression() : null;
      value = { kind: 'either', test, then: value, otherwise };
    }
    return value;
  }

  #chain(next: () => Expression, operators: readonly BinaryOperator[], named: boolean): Expression {
    let left = next();
    for (;;) {
      const found = operators.find((one) => (named ? this.isName(one) : this.isOperator(one)));
      if (found === undefined) return left;
      this.at++;
      left = { kind: 'binary', operator: found, left, right: next() };
    }
  }

  #or(): Expression {
    return this.#chain(() => this.#and(), ['or'], true);
  }

  #and(): Expression {
    return this.#chain(() => this.#not(), ['and'], true);
  }

  #not(): Expression {
    if (this.takeName('not')) return this.deeper(() => ({ kind: 'unary', operator: 'not', of: this.#not() }));
    return this.#compare();
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: { readonly operator: Comparison; readonly right: Expression }[] = [];
    for (;;) {
      let operator: Comparison | null = null;
      const token = this.peek();
      if (token?.kind === 'operator' && comparisons.includes(token.text)) operator = token.text as Comparison;
      else if (this.isName('in')) operator = 'in';
      else if (this.isName('not') && this.peek(1)?.kind === 'name' && this.peek(1)?.text === 'in') {
        operator = 'not in';
        this.at++;
      }
      if (operator === null) break;
      this.at++;
      rest.push({ operator, right: this.#sum() });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  #sum(): Expression {
    return this.#chain(() => this.#concat(), ['+', '-'], false);
  }

  #concat(): Expression {
    const parts = [this.#product()];
    while (this.takeOperator('~')) parts.push(this.#product());
    return parts.length === 1 ? (parts[0] as Expression) : { kind: 'concat', parts };
  }

  #product(): Expression {
    return this.#chain(() => this.#power(), ['*', '/', '//', '%'], false);
  }

  #power(): Expression {
    return this.#chain(() => this.#unary(), ['**'], false);
  }

  #unary(filtered = true): Expression {
    let value: Expression;
    if (this.isOperator('-', '+')) {
      const operator = this.peek()?.text === '-' ? '-' : '+';
      this.at++;
      value = this.deeper(() => ({ kind: 'unary', operator, of: this.#unary(false) }));
    } else value = this.#primary();
    value = this.#postfix(value);
    return filtered ? this.#filtered(value) : value;
  }

  #primary(): Expression {
    const token = this.peek();
    if (!token) return this.unexpected('an expression');
    this.at++;
    switch (token.kind) {
      case 'name':
        return Object.hasOwn(constants, token.text)
          ? { kind: 'constant', value: constants[token.text] as boolean | null }
          : { kind: 'name', name: token.text };
      case 'string': {
        let value = token.text;
        for (let next = this.peek(); next?.kind === 'string'; next = this.peek()) {
          value += next.text;
          this.at++;
        }
        return { kind: 'constant', value };
      }
      case 'integer': {
        const value = Number(token.text.replaceAll('_', ''));
        if (!Number.isSafeInteger(value)) throw new Error(`the number ${token.text} is not computed here`);
        return { kind: 'constant', value };
      }
      case 'float':
        return { kind: 'float', value: Number(token.text.replaceAll('_', '')) };
      case 'operator':
        if (token.text === '(') {
          const value = this.tuple(true, true);
          this.operator(')');
          return value;
        }
        if (token.text === '[') return { kind: 'list', items: this.#items(']') };
        if (token.text === '{') return this.#dict();
    }
    this.at--;
    return this.unexpected('an expression');
  }

  #items(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.takeOperator(end)) {
      if (items.length > 0) {
        this.operator(',');
        if (this.takeOperator(end)) break;
      }
      items.push(this.expression());
    }
    return items;
  }

  #dict(): Expression {
    const pairs: (readonly [Expression, Expression])[] = [];
    while (!this.takeOperator('}')) {
      if (pairs.length > 0) {
        this.operator(',');
        if (this.takeOperator('}')) break;
      }
      const key = this.expression();
      this.operator(':');
      pairs.push([key, this.expression()]);
    }
    return { kind: 'dict', pairs };
  }

  #postfix(value: Expression): Expression {
    for (let made = value; ;) {
      if (this.takeOperator('.')) made = this.#member(made);
      else if (this.takeOperator('[')) made = this.#subscript(made);
      else if (this.isOperator('(')) made = { kind: 'call', callee: made, given: this.given() };
      else return made;
    }
  }

  #member(of: Expression): Expression {
    const token = this.peek();
    if (token?.kind !== 'integer') return { kind: 'attribute', of, name: this.name() };
    this.at++;
    return { kind: 'item', of, index: { kind: 'constant', value: Number(token.text) } };
  }

  #subscript(of: Expression): Expression {
    const bounds: (Expression | null)[] = [];
    let colons = 0;
    let bound: Expression | null = null;
    while (!this.takeOperator(']')) {
      if (this.takeOperator(':')) {
        if (++colons > 2) this.unexpected('“]”');
        bounds.push(bound);
        bound = null;
      } else if (bound === null) bound = this.expression();
      else this.unexpected('“]”');
    }
    if (colons > 0) return { kind: 'slice', of, bounds: [...bounds, bound] };
    return bound === null ? this.unexpected('an index') : { kind: 'item', of, index: bound };
  }

  #filtered(value: Expression): Expression {
    for (let made = value; ;) {
      if (this.isOperator('|')) {
        const [use] = this.morePipes(1) as [FilterUse];
        made = { kind: 'filter', of: made, ...use };
      } else if (this.takeName('is')) made = this.#test(made);
      else if (this.isOperator('(')) made = { kind: 'call', callee: made, given: this.given() };
      else return made;
    }
  }

  #test(of: Expression): Expression {
    const negated = this.takeName('not');
    const name = this.#dotted();
    let given = nothing;
    const next = this.peek();
    if (this.isOperator('(')) given = this.given();
    else if (
      next &&
      (['name', 'string', 'integer', 'float'].includes(next.kind) || this.isOperator('[', '{')) &&
      !this.isName('else', 'or', 'and')
    ) {
      if (this.isName('is')) throw new Error('two tests follow each other');
      given = { ...nothing, positional: [this.#postfix(this.#primary())] };
    }
    return { kind: 'test', of, name, given, negated };
  }

  #dotted(): string {
    let name = this.name();
    while (this.takeOperator('.')) name += `.${this.name()}`;
    return name;
  }

  /** `upper | replace("a", "b")`, as it stands in `{% filter %}`. */
  protected filters(): FilterUse[] {
    return [this.#filterUse(), ...this.morePipes()];
  }

  /** `| upper | replace("a", "b")` */
  protected morePipes(most = Infinity): FilterUse[] {
    const uses: FilterUse[] = [];
    while (uses.length < most && this.takeOperator('|')) uses.push(this.#filterUse());
    return uses;
  }

  #filterUse(): FilterUse {
    const name = this.#dotted();
    return { name, given: this.isOperator('(') ? this.given() : nothing };
  }

  protected given(): Given {
    const positional: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    let [spread, spreadNamed]: (Expression | null)[] = [null, null];
    this.operator('(');
    for (let comma = true; !this.takeOperator(')');) {
      if (!comma) this.operator(',');
      if (!comma && this.takeOperator(')')) break;
      comma = false;
      const ahead = this.peek(1);
      if (this.takeOperator('**')) spreadNamed = this.expression();
      else if (spreadNamed) this.unexpected('“)”');
      else if (this.takeOperator('*')) spread = this.expression();
      else if (this.isName() && ahead?.kind === 'operator' && ahead.text === '=') {
        const name = this.name();
        this.at++;
        if (named.some(([other]) => other === name)) throw new Error(`the argument ${name} is given twice`);
        named.push([name, this.expression()]);
      } else {
        if (named.length > 0 || spread) this.unexpected('a named argument');
        positional.push(this.expression());
      }
    }
    return { positional, named, spread: spread ?? null, spreadNamed: spreadNamed ?? null };
  }
}
