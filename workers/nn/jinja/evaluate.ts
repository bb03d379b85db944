/** The value of an expression, as Jinja 3.1 computes it with Python's values. Throws Error where Python does. */
import { applyFilter } from './filters.ts';
import type { Others } from './filters-of-members.ts';
import { attribute, item, slice } from './members.ts';
import { add } from './numbers.ts';
import { percentFormat, percentValues } from './percent-format.ts';
import type { Scope } from './scope.ts';
import type { BinaryOperator, Comparison, Expression, FilterUse, Given } from './syntax.ts';
import { applyTest } from './tests.ts';
import {
  Callable,
  compare,
  contains,
  equal,
  Float,
  isDict,
  isList,
  iterate,
  keyOf,
  numeric,
  text,
  truth,
  Tuple,
  typeName,
  whole,
  type Arguments,
  type Key,
  type Value,
} from './values.ts';
import { joined, make, step, visit } from './work.ts';

export class Evaluator {
  readonly #others: Others = {
    filter: (name, value, given) => this.filter(name, value, given),
    test: (name, value, given) => {
      step();
      return applyTest(name, value, given);
    },
  };

  evaluate(expression: Expression, scope: Scope): Value {
    step();
    return this.#value(expression, scope);
  }

  call(callee: Value, given: Arguments): Value {
    if (!(callee instanceof Callable)) throw new Error(`“${typeName(callee)}” cannot be called`);
    return callee.call(given);
  }

  arguments({ positional, named, spread, spreadNamed }: Given, scope: Scope): Arguments {
    const values = positional.map((one) => this.evaluate(one, scope));
    if (spread) {
      const more = iterate(this.evaluate(spread, scope));
      visit(more.length);
      for (const one of more) values.push(one);
    }
    const names = new Map(named.map(([name, one]) => [name, this.evaluate(one, scope)]));
    if (spreadNamed) {
      const more = this.evaluate(spreadNamed, scope);
      if (!isDict(more)) throw new Error(`“${typeName(more)}” gives no named arguments`);
      visit(more.size);
      for (const [name, value] of more) {
        if (names.has(String(name))) throw new Error(`the argument ${name} is given twice`);
        names.set(String(name), value);
      }
    }
    return { positional: values, named: names };
  }

  /** `value | upper | …` */
  filters(value: Value, uses: readonly FilterUse[], scope: Scope): Value {
    return uses.reduce(
      (made, { name, given }) => this.filter(name, made, this.arguments(given, scope)),
      value,
    );
  }

  filter(name: string, value: Value, given: Arguments): Value {
    step();
    return applyFilter(name, value, given, this.#others);
  }

  #value(expression: Expression, scope: Scope): Value {
    switch (expression.kind) {
      case 'constant':
        return expression.value;
      case 'float':
        return new Float(expression.value);
      case 'name':
        return scope.get(expression.name);
      case 'list':
        return expression.items.map((one) => this.evaluate(one, scope));
      case 'tuple':
        return new Tuple(expression.items.map((one) => this.evaluate(one, scope)));
      case 'dict': {
        const made = new Map<Key, Value>();
        for (const [key, value] of expression.pairs)
          made.set(keyOf(this.evaluate(key, scope)), this.evaluate(value, scope));
        return made;
      }
      case 'attribute':
        return attribute(this.evaluate(expression.of, scope), expression.name);
      case 'item':
        return item(this.evaluate(expression.of, scope), this.evaluate(expression.index, scope));
      case 'slice':
        return slice(
          this.evaluate(expression.of, scope),
          expression.bounds.map((bound) => (bound ? this.evaluate(bound, scope) : null)),
        );
      case 'call':
        return this.call(this.evaluate(expression.callee, scope), this.arguments(expression.given, scope));
      case 'filter': {
        // It would make "+" and its like escape markup in what they are given.
        if (expression.name === 'safe') throw new Error('the filter “safe” stands inside an expression');
        const value = this.evaluate(expression.of, scope);
        return this.filter(expression.name, value, this.arguments(expression.given, scope));
      }
      case 'test': {
        const value = this.evaluate(expression.of, scope);
        const passes = applyTest(expression.name, value, this.arguments(expression.given, scope));
        return passes !== expression.negated;
      }
      case 'unary': {
        const value = this.evaluate(expression.of, scope);
        if (expression.operator === 'not') return !truth(value);
        const number = numeric(value);
        if (number === null) throw new Error(`“${typeName(value)}” has no sign`);
        const signed = expression.operator === '-' ? -number : number;
        return value instanceof Float ? new Float(signed) : whole(signed);
      }
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right, scope);
      case 'concat':
        return joined(expression.parts.map((part) => text(this.evaluate(part, scope))));
      case 'compare': {
        let left = this.evaluate(expression.first, scope);
        for (const { operator, right } of expression.rest) {
          const value = this.evaluate(right, scope);
          if (!compares(operator, left, value)) return false;
          left = value;
        }
        return true;
      }
      case 'either':
        if (truth(this.evaluate(expression.test, scope))) return this.evaluate(expression.then, scope);
        return expression.otherwise ? this.evaluate(expression.otherwise, scope) : undefined;
    }
  }

  #binary(operator: BinaryOperator, leftSide: Expression, rightSide: Expression, scope: Scope): Value {
    const left = this.evaluate(leftSide, scope);
    if (operator === 'and') return truth(left) ? this.evaluate(rightSide, scope) : left;
    if (operator === 'or') return truth(left) ? left : this.evaluate(rightSide, scope);
    const right = this.evaluate(rightSide, scope);
    if (operator === '+') return add(left, right);
    if (operator === '%' && typeof left === 'string') return percentFormat(left, percentValues(right));
    const [a, b] = [numeric(left), numeric(right)];
    if (a !== null && b !== null) {
      const exact = arithmetic(operator, a, b);
      const floats = left instanceof Float || right instanceof Float || operator === '/';
      return floats || (operator === '**' && b < 0) ? new Float(exact) : whole(exact);
    }
    if (operator === '*' && typeof b === 'number') return this.#repeated(left, b);
    if (operator === '*' && typeof a === 'number') return this.#repeated(right, a);
    throw new Error(`“${typeName(left)}” ${operator} “${typeName(right)}” has no value`);
  }

  #repeated(value: Value, times: number): Value {
    if (!Number.isInteger(times)) throw new Error('something is repeated a broken number of times');
    const count = Math.max(0, times);
    if (typeof value === 'string') {
      make(value.length * count);
      return value === '' ? '' : value.repeat(count);
    }
    if (!isList(value)) throw new Error(`“${typeName(value)}” cannot be repeated`);
    if (value.length === 0) return [];
    visit(value.length * count);
    return Array.from({ length: count }, () => value).flat();
  }
}

function arithmetic(operator: Exclude<BinaryOperator, 'and' | 'or' | '+'>, a: number, b: number): number {
  if (b === 0 && ['/', '//', '%'].includes(operator)) throw new Error('division by zero');
  switch (operator) {
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%': {
      const rest = a % b;
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }
    case '**': {
      const power = a ** b;
      if (!Number.isFinite(power)) throw new Error('a power is no finite number');
      return power;
    }
  }
}

function compares(operator: Comparison, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return compare(left, right) < 0;
    case '<=':
      return compare(left, right) <= 0;
    case '>':
      return compare(left, right) > 0;
    case '>=':
      return compare(left, right) >= 0;
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
  }
}
