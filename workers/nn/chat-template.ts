/**
 * A checkpoint's chat template, rendered as `transformers` renders it (`render_jinja_template`: Jinja 3.1's
 * ImmutableSandboxedEnvironment with trim_blocks, lstrip_blocks, loop controls and its own `tojson`), and within
 * bounds: a template is a program that anyone may have written, and it runs where nothing could stop it
 * (core/work.ts). A template beyond the bounds, and one that asks for something that is not computed here, fails
 * like one that has a fault.
 */
import { allowance, type Work } from '../../core/work.ts';
import { parse } from './jinja/parse.ts';
import { render } from './jinja/render.ts';
import { Scope } from './jinja/scope.ts';
import { storedFirst } from './jinja/stored-first.ts';
import { strftime } from './jinja/strftime.ts';
import type { Statement } from './jinja/syntax.ts';
import { bind } from './jinja/arguments.ts';
import {
  Callable,
  Float,
  isDict,
  iterate,
  Namespace,
  text,
  Tuple,
  View,
  isList,
  type Arguments,
  type Key,
  type Value,
} from './jinja/values.ts';
import { read, visit } from './jinja/work.ts';

export const maxTemplate = 2 ** 17;
const maxRange = 10_000;
/** Of a message, which may quote the template. */
const maxMessage = 500;

export class ChatTemplate {
  readonly #body: readonly Statement[];
  #stored: ReadonlySet<string> | null = null;

  /** Throws Error when it cannot be parsed. */
  constructor(source: string) {
    if (source.length > maxTemplate)
      throw new Error(`it is ${source.length} characters long, more than any template`);
    this.#body = parse(source);
  }

  /**
   * Throws Error when it fails, on these values or at all.
   * @param values JSON; a key that is not given is undefined to the template, and null is None
   * @param work counts what the rendering does, also where it fails
   * @param now the time that `strftime_now` tells
   */
  render(
    values: Readonly<Record<string, unknown>>,
    work: Work = allowance(),
    now: () => Date = () => new Date(),
  ): string {
    const scope = new Scope(null);
    for (const [name, value] of Object.entries(environment(now))) scope.set(name, value);
    for (const [name, value] of Object.entries(values)) scope.set(name, fromJson(value));
    try {
      this.#stored ??= storedFirst(this.#body);
      for (const name of this.#stored) scope.set(name, undefined);
      return render(this.#body, scope, work);
    } catch (cause) {
      // The engine's own words for a chain of calls that is too long.
      const why = cause instanceof RangeError ? 'it is nested too deeply' : messageOf(cause);
      throw new Error(why.length > maxMessage ? `${why.slice(0, maxMessage)}…` : why, { cause });
    }
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function environment(now: () => Date): Readonly<Record<string, Value>> {
  const missing = (name: string): Callable =>
    new Callable(name, () => {
      throw new Error(`the function “${name}” is not computed here`);
    });
  return {
    raise_exception: new Callable('raise_exception', (given) => {
      throw new Error(text(bind('raise_exception', given, ['message']).value('message')));
    }),
    strftime_now: new Callable('strftime_now', (given) =>
      strftime(bind('strftime_now', given, ['format']).string('format').slice(0, 100), now()),
    ),
    range: new Callable('range', boundedRange),
    namespace: new Callable('namespace', (given) => {
      const made = new Namespace();
      for (const [key, value] of pairsOf('namespace', given)) made.members.set(String(key), value);
      return made;
    }),
    dict: new Callable('dict', (given) => new Map(pairsOf('dict', given))),
    cycler: missing('cycler'),
    joiner: missing('joiner'),
    lipsum: missing('lipsum'),
  };
}

function pairsOf(name: string, { positional, named }: Arguments): (readonly [Key, Value])[] {
  const [from, ...more] = positional;
  if (more.length > 0) throw new Error(`${name} takes one argument without a name`);
  const pairs: (readonly [Key, Value])[] = [];
  if (positional.length === 1) {
    const members = isDict(from) ? [] : iterate(from);
    visit(isDict(from) ? from.size : members.length);
    if (isDict(from)) for (const pair of from) pairs.push(pair);
    else
      for (const pair of members) {
        const items = isList(pair) ? pair : pair instanceof Tuple ? pair.items : [];
        const [key, value] = items;
        if (items.length !== 2 || typeof key !== 'string') throw new Error(`${name} takes pairs`);
        read(key.length);
        pairs.push([key, value]);
      }
  }
  return [...pairs, ...named];
}

function boundedRange({ positional, named }: Arguments): View {
  if (named.size > 0 || positional.length < 1 || positional.length > 3)
    throw new Error('range takes one to three numbers');
  const [first = 0, second, step = 1] = positional.map((value) => {
    if (typeof value === 'number') return value;
    throw new Error('it asks for a range of something else than whole numbers');
  });
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new Error('range() step must not be zero');
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= maxRange)) throw new Error(`it asks for a range of ${count} numbers`);
  visit(count);
  return new View(
    'range',
    Array.from({ length: count }, (_, i) => from + i * step),
  );
}

function fromJson(value: unknown): Value {
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new Float(value);
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object')
    return new Map(Object.entries(value).map(([key, one]) => [key, fromJson(one)]));
  throw new Error('a template takes JSON');
}
