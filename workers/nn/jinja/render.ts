/** A template's statements, carried out. */
import { measured, type Work } from '../../../core/work.ts';
import { bind } from './arguments.ts';
import { Evaluator } from './evaluate.ts';
import { Scope } from './scope.ts';
import type { Expression, MacroSyntax, Place, Statement } from './syntax.ts';
import {
  Callable,
  equal,
  iterate,
  Namespace,
  text,
  truth,
  Tuple,
  type Arguments,
  type Value,
} from './values.ts';
import { joined, step } from './work.ts';

type Signal = 'break' | 'continue' | null;
/** Macros in macros. Python ends at a thousand frames, of which one macro takes several. */
const maxCalls = 100;

/**
 * @param work counts what the rendering does, also where it fails
 * @throws Error where Jinja raises, where something is not computed here, and beyond the bounds
 */
export function render(body: readonly Statement[], scope: Scope, work: Work): string {
  return measured(work, () => new Renderer().text(body, new Scope(scope)));
}

class Renderer {
  readonly #evaluator = new Evaluator();
  #calls = 0;

  text(body: readonly Statement[], scope: Scope): string {
    const out: string[] = [];
    this.#run(body, scope, out);
    return joined(out);
  }

  #evaluate(expression: Expression, scope: Scope): Value {
    return this.#evaluator.evaluate(expression, scope);
  }

  #run(body: readonly Statement[], scope: Scope, out: string[]): Signal {
    for (const statement of body) {
      step();
      const signal = this.#statement(statement, scope, out);
      if (signal) return signal;
    }
    return null;
  }

  #statement(statement: Statement, scope: Scope, out: string[]): Signal {
    switch (statement.kind) {
      case 'text':
        out.push(statement.text);
        return null;
      case 'print': {
        const { value } = statement;
        const printed = value.kind === 'filter' && value.name === 'safe' ? value.of : value;
        out.push(text(this.#evaluate(printed, scope)));
        return null;
      }
      case 'if':
        return this.#run(
          truth(this.#evaluate(statement.test, scope)) ? statement.then : statement.otherwise,
          scope,
          out,
        );
      case 'for':
        return this.#loop(statement, scope, out);
      case 'set':
        this.#put(statement.place, this.#evaluate(statement.value, scope), scope);
        return null;
      case 'set-block': {
        const written = this.text(statement.body, new Scope(scope));
        this.#put(statement.place, this.#evaluator.filters(written, statement.filters, scope), scope);
        return null;
      }
      case 'with': {
        const inner = new Scope(scope);
        const values = statement.values.map((one) => this.#evaluate(one, scope));
        statement.places.forEach((place, i) => this.#put(place, values[i], inner));
        return this.#run(statement.body, inner, out);
      }
      case 'macro':
        scope.set(statement.name, this.#macro(statement.name, statement.macro, scope));
        return null;
      case 'call-block': {
        const { call } = statement;
        if (call.kind !== 'call') throw new Error('the tag “call” calls nothing');
        const given = this.#evaluator.arguments(call.given, scope);
        const caller = this.#macro('caller', statement.macro, scope);
        const named = new Map<string, Value>([...given.named, ['caller', caller]]);
        const callee = this.#evaluate(call.callee, scope);
        out.push(text(this.#evaluator.call(callee, { ...given, named })));
        return null;
      }
      case 'filter-block': {
        const written = this.text(statement.body, new Scope(scope));
        out.push(text(this.#evaluator.filters(written, statement.filters, scope)));
        return null;
      }
      case 'generation':
        out.push(this.text(statement.body, new Scope(scope)));
        return null;
      case 'break':
      case 'continue':
        return statement.kind;
    }
  }

  #loop(loop: Extract<Statement, { kind: 'for' }>, scope: Scope, out: string[]): Signal {
    let items = iterate(this.#evaluate(loop.over, scope));
    if (loop.test) {
      const test = loop.test;
      items = items.filter((one) => {
        step();
        const inner = new Scope(scope);
        this.#put(loop.place, one, inner);
        return truth(this.#evaluate(test, inner));
      });
    }
    let changedFrom: Value;
    let first = true;
    let whole = false;
    for (const [index, one] of items.entries()) {
      step();
      const inner = new Scope(scope);
      const about = new Namespace();
      const say = (name: string, value: Value): unknown => about.members.set(name, value);
      say('index', index + 1);
      say('index0', index);
      say('revindex', items.length - index);
      say('revindex0', items.length - index - 1);
      say('first', index === 0);
      say('last', index === items.length - 1);
      say('length', items.length);
      say('previtem', items[index - 1]);
      say('nextitem', items[index + 1]);
      say(
        'cycle',
        new Callable('cycle', ({ positional }) => {
          if (positional.length === 0) throw new Error('nothing is cycled through');
          return positional[index % positional.length];
        }),
      );
      say(
        'changed',
        new Callable('changed', ({ positional }) => {
          const now = new Tuple(positional);
          const changed = first || !equal(changedFrom, now);
          changedFrom = now;
          first = false;
          return changed;
        }),
      );
      say('depth', 1);
      say('depth0', 0);
      inner.set('loop', about);
      this.#put(loop.place, one, inner);
      const signal = this.#run(loop.body, inner, out);
      if (signal === 'break') break;
      if (signal === null) whole = true;
    }
    // Jinja takes a loop of which no turn came to its end for one without turns.
    return whole ? null : this.#run(loop.otherwise, new Scope(scope), out);
  }

  #put(place: Place, value: Value, scope: Scope): void {
    if (place.kind === 'name') scope.set(place.name, value);
    else if (place.kind === 'member') {
      const of = scope.get(place.of);
      if (!(of instanceof Namespace)) throw new Error(`“${place.of}” is no namespace`);
      of.members.set(place.name, value);
    } else {
      const items = iterate(value);
      if (value === undefined || items.length !== place.places.length)
        throw new Error(`${items.length} values are given to ${place.places.length} names`);
      place.places.forEach((one, i) => this.#put(one, items[i], scope));
    }
  }

  #macro(name: string, { parameters, body }: MacroSyntax, scope: Scope): Callable {
    const names = parameters.map((one) => one.name);
    return new Callable(name, (given: Arguments) => {
      if (++this.#calls > maxCalls) throw new Error(`macros call each other more than ${maxCalls} deep`);
      try {
        const inner = new Scope(scope);
        const named = new Map(given.named);
        if (named.has('caller') && !names.includes('caller')) {
          inner.set('caller', named.get('caller'));
          named.delete('caller');
        }
        const bound = bind(`the macro ${name}`, { positional: given.positional, named }, names);
        // What is given beyond the parameters is refused, so there is nothing in them.
        inner.set('varargs', new Tuple([]));
        inner.set('kwargs', new Map());
        for (const parameter of parameters) inner.set(parameter.name, undefined);
        for (const parameter of parameters) {
          if (bound.has(parameter.name)) inner.set(parameter.name, bound.value(parameter.name));
          else if (parameter.otherwise) inner.set(parameter.name, this.#evaluate(parameter.otherwise, inner));
        }
        return this.text(body, inner);
      } finally {
        this.#calls--;
      }
    });
  }
}
