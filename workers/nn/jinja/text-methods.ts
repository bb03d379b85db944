/**
 * Methods of Python's `str`. One that Python has and this list lacks is refused by name, because a template that
 * asks for it must not go on without.
 */
import { bind, type Bound } from './arguments.ts';
import { charactersOf, find, findLast, lengthOf, pieces } from './characters.ts';
import { isSpace, trimEnd, trimStart } from './lex.ts';
import { Callable, iterate, Tuple, typeName, type Value } from './values.ts';
import { joined, make, read, visit } from './work.ts';

interface Method {
  readonly parameters: readonly string[];
  readonly call: (self: string, given: Bound) => Value;
}

const plain = (call: (self: string) => Value): Method => ({ parameters: [], call });
const strip = (start: boolean, end: boolean): Method => ({
  parameters: ['chars'],
  call: (self, given) => stripped(self, given.optionalText('chars'), start, end),
});
const edge = (name: 'startsWith' | 'endsWith'): Method => ({
  parameters: ['prefix'],
  call: (self, given) => {
    const wanted = given.value('prefix');
    const words = wanted instanceof Tuple ? wanted.items : [wanted];
    visit(words.length);
    return words.some((word) => {
      if (typeof word !== 'string') throw new Error(`a text cannot begin or end with “${typeName(word)}”`);
      read(word.length);
      return self[name](word);
    });
  },
});
const place = (last: boolean, must: boolean): Method => ({
  parameters: ['sub'],
  call: (self, given) => {
    const at = last ? findLast(self, given.string('sub')) : find(self, given.string('sub'));
    if (at === -1 && must) throw new Error('a text does not have the text that is looked for');
    return at === -1 ? -1 : lengthOf(self.slice(0, at));
  },
});
const partition = (last: boolean): Method => ({
  parameters: ['sep'],
  call: (self, given) => {
    const sep = given.string('sep');
    if (sep === '') throw new Error('empty separator');
    const at = last ? findLast(self, sep) : find(self, sep);
    if (at === -1) return new Tuple(last ? ['', '', self] : [self, '', '']);
    return new Tuple([self.slice(0, at), sep, self.slice(at + sep.length)]);
  },
});
const justify = (side: 'padStart' | 'padEnd'): Method => ({
  parameters: ['width'],
  call: (self, given) => padded(self, given.whole('width'), (to) => self[side](to)),
});
const every = (pattern: RegExp): Method =>
  plain((self) => {
    read(self.length);
    return pattern.test(self);
  });

const methods: Readonly<Record<string, Method>> = {
  upper: plain(upper),
  lower: plain(lower),
  title: plain(titled),
  capitalize: plain(capitalized),
  strip: strip(true, true),
  lstrip: strip(true, false),
  rstrip: strip(false, true),
  startswith: edge('startsWith'),
  endswith: edge('endsWith'),
  find: place(false, false),
  rfind: place(true, false),
  index: place(false, true),
  rindex: place(true, true),
  partition: partition(false),
  rpartition: partition(true),
  ljust: justify('padEnd'),
  rjust: justify('padStart'),
  isdigit: every(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isalpha: every(/^[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{Lo}]+$/u),
  isspace: plain((self) => self !== '' && charactersOf(self).every(isSpace)),
  islower: plain((self) => isCased(self, 'lower')),
  isupper: plain((self) => isCased(self, 'upper')),
  count: { parameters: ['sub'], call: (self, given) => counted(self, given.string('sub')) },
  split: {
    parameters: ['sep', 'maxsplit'],
    call: (self, given) => split(self, given.optionalText('sep'), given.whole('maxsplit', -1)),
  },
  rsplit: {
    parameters: ['sep', 'maxsplit'],
    call: (self, given) => splitFromEnd(self, given.string('sep'), given.whole('maxsplit', -1)),
  },
  splitlines: { parameters: [], call: (self) => lines(self) },
  replace: {
    parameters: ['old', 'new', 'count'],
    call: (self, given) => replaced(self, given.string('old'), given.string('new'), given.whole('count', -1)),
  },
  join: {
    parameters: ['items'],
    call: (self, given) => {
      const items = iterate(given.value('items'));
      visit(items.length);
      const texts = items.map((item) => {
        if (typeof item !== 'string') throw new Error(`join takes texts, not “${typeName(item)}”`);
        return item;
      });
      return joined(texts, self);
    },
  },
  removeprefix: {
    parameters: ['prefix'],
    call: (self, given) => {
      const prefix = given.string('prefix');
      read(prefix.length);
      return self.startsWith(prefix) ? self.slice(prefix.length) : self;
    },
  },
  removesuffix: {
    parameters: ['suffix'],
    call: (self, given) => {
      const suffix = given.string('suffix');
      read(suffix.length);
      return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
    },
  },
  zfill: {
    parameters: ['width'],
    call: (self, given) => {
      const [sign = ''] = /^[-+]/.exec(self) ?? [];
      const rest = self.slice(sign.length);
      return padded(self, given.whole('width'), (to) => sign + rest.padStart(to - sign.length, '0'));
    },
  },
};

/** Those of Python's `str` that are not computed. */
const others = [
  ...['casefold', 'center', 'encode', 'expandtabs', 'format', 'format_map', 'isalnum', 'isascii'],
  ...['isidentifier', 'isnumeric', 'isprintable', 'istitle', 'maketrans', 'swapcase', 'translate'],
];

/** Undefined where Python's `str` has no such attribute either. */
export function textMethod(self: string, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method) return new Callable(name, (given) => method.call(self, bind(name, given, method.parameters)));
  if (others.includes(name)) throw new Error(`the method “${name}” of a text is not computed here`);
  return undefined;
}

/** `pad` gets how many code units the text is padded to, so that it has `width` code points. */
function padded(self: string, width: number, pad: (to: number) => string): string {
  if (width > 10_000) throw new Error(`a text is made ${width} characters wide`);
  const to = width + self.length - lengthOf(self);
  make(Math.max(self.length, to));
  return pad(to);
}

export function stripped(self: string, chars: string | null, start: boolean, end: boolean): string {
  const set = chars === null ? null : new Set(charactersOf(chars));
  if (set && [...set].some((one) => one.length > 1))
    throw new Error('characters beyond U+FFFF are not stripped here');
  const unwanted = (character: string): boolean => {
    visit(1);
    return set ? set.has(character) : isSpace(character);
  };
  const begun = start ? trimStart(self, unwanted) : self;
  return end ? trimEnd(begun, unwanted) : begun;
}

export function upper(self: string): string {
  read(self.length);
  const made = self.toUpperCase();
  make(made.length);
  return made;
}

export function lower(self: string): string {
  read(self.length);
  const made = self.toLowerCase();
  make(made.length);
  return made;
}

export function capitalized(self: string): string {
  read(2 * self.length);
  const [first = ''] = self;
  const [upper = ''] = first.toUpperCase();
  const more = first.toUpperCase().slice(upper.length).toLowerCase();
  return upper + more + self.slice(first.length).toLowerCase();
}

function titled(self: string): string {
  visit(self.length);
  return self.replace(/[\p{L}\p{M}]+/gu, capitalized);
}

export function isCased(self: string, to: 'lower' | 'upper'): boolean {
  const changed = to === 'lower' ? lower(self) : upper(self);
  read(self.length);
  return changed === self && /[\p{Lu}\p{Ll}\p{Lt}]/u.test(self);
}

function counted(self: string, part: string): number {
  return part === '' ? lengthOf(self) + 1 : pieces(self, part).length - 1;
}

/** `str.splitlines` */
export function lines(self: string): string[] {
  visit(self.length);
  const found = self.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (found.at(-1) === '') found.pop();
  return found;
}

export function replaced(self: string, old: string, by: string, count: number): string {
  const parts = old === '' ? ['', ...charactersOf(self), ''] : pieces(self, old);
  if (count < 0 || count >= parts.length - 1) return joined(parts, by);
  return joined([...parts.slice(0, count), joined(parts.slice(count), old)], by);
}

function split(self: string, sep: string | null, most: number): string[] {
  if (sep === '') throw new Error('empty separator');
  if (sep !== null) {
    const parts = pieces(self, sep);
    return most < 0 || parts.length <= most + 1
      ? parts
      : [...parts.slice(0, most), joined(parts.slice(most), sep)];
  }
  visit(self.length);
  const parts: string[] = [];
  for (let rest = trimStart(self); rest !== '';) {
    if (parts.length === most) {
      parts.push(rest);
      break;
    }
    let end = 0;
    while (end < rest.length && !isSpace(rest[end] as string)) end++;
    parts.push(rest.slice(0, end));
    rest = trimStart(rest.slice(end));
  }
  return parts;
}

function splitFromEnd(self: string, sep: string, most: number): string[] {
  if (sep === '') throw new Error('empty separator');
  const parts = pieces(self, sep);
  if (most < 0 || parts.length <= most + 1) return parts;
  const kept = parts.length - most;
  return [joined(parts.slice(0, kept), sep), ...parts.slice(kept)];
}
