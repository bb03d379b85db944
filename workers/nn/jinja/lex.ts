/**
 * A template as tokens, after the lexer of Jinja 3.1 with `trim_blocks` and `lstrip_blocks`, which is how
 * `transformers` sets it up: what is stripped around a tag, `{% raw %}`, comments, and the words inside a tag.
 * Throws Error for what is no template.
 */

export interface Token {
  readonly kind: 'text' | 'open' | 'close' | 'name' | 'string' | 'integer' | 'float' | 'operator';
  /** Of `open` and `close`: `{%` or `{{`. */
  readonly text: string;
}

/** White space as Python has it; JavaScript's own differs at U+001C to U+001F, U+0085 and U+FEFF. */
const space = '[\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const someSpace = new RegExp(`${space}*`, 'y');
const spaceOnly = new RegExp(`^${space}+$`);
const name = /[\p{L}\p{Nl}_][\p{L}\p{M}\p{N}\p{Pc}]*/uy;
const float = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?e[+-]?\d+(?:_\d+)*|\d+(?:_\d+)*\.\d+(?:_\d+)*/iy;
const integer = /[1-9](?:_?\d)*|0(?:_?0)*/y;
const operators = [
  ...['**', '//', '==', '!=', '>=', '<='],
  ...['+', '-', '/', '*', '%', '~', '[', ']', '(', ')', '{', '}', '>', '<', '=', '.', ':', '|', ','],
];
/** Each use of a name compares all of it. */
const maxName = 200;
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const rawBegin = new RegExp(`\\{%[-+]?${space}*raw${space}*-?%\\}`, 'y');
const rawEnd = new RegExp(`\\{%([-+]?)${space}*endraw${space}*[-+]?%\\}`, 'g');

export function isSpace(character: string): boolean {
  return spaceOnly.test(character);
}

export function trimEnd(text: string, unwanted: (character: string) => boolean = isSpace): string {
  let end = text.length;
  while (end > 0 && unwanted(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

export function trimStart(text: string, unwanted: (character: string) => boolean = isSpace): string {
  let start = 0;
  while (start < text.length && unwanted(text[start] as string)) start++;
  return text.slice(start);
}

export function lex(template: string): Token[] {
  const source = template.replace(/\r\n|\r/g, '\n').replace(/\n$/, '');
  const tokens: Token[] = [];
  let at = 0;
  let lineStarts = true;

  const pushText = (text: string, sign: string, block: boolean): void => {
    let kept = text;
    if (sign === '-') kept = trimEnd(text);
    else if (sign !== '+' && block) {
      const line = text.lastIndexOf('\n') + 1;
      if ((line > 0 || lineStarts) && spaceOnly.test(text.slice(line))) kept = text.slice(0, line);
    }
    if (kept !== '') tokens.push({ kind: 'text', text: kept });
  };
  /** Behind a tag that ends at `end`, and where nothing more is stripped. */
  const behind = (end: number, sign: string, block: boolean): void => {
    at = end;
    if (sign === '-') {
      someSpace.lastIndex = at;
      at += someSpace.exec(source)?.[0].length ?? 0;
    } else if (sign !== '+' && block && source[at] === '\n') at++;
    lineStarts = source[at - 1] === '\n';
  };

  while (at < source.length) {
    const begin = nextTag(source, at);
    if (begin === -1) {
      pushText(source.slice(at), '+', false);
      break;
    }
    const opener = source.slice(begin, begin + 2);
    const sign = signAt(source, begin + 2);
    pushText(source.slice(at, begin), sign, opener !== '{{');
    if (opener === '{#') {
      const inside = begin + 2 + sign.length;
      const end = source.indexOf('#}', inside);
      if (end === -1) throw new Error('a comment has no end');
      behind(end + 2, end > inside ? signAt(source, end - 1) : '', true);
      continue;
    }
    rawBegin.lastIndex = begin;
    const raw = rawBegin.exec(source);
    if (raw) {
      behind(begin + raw[0].length, raw[0].endsWith('-%}') ? '-' : '+', true);
      rawEnd.lastIndex = at;
      const end = rawEnd.exec(source);
      if (!end) throw new Error('{% raw %} has no {% endraw %}');
      pushText(source.slice(at, end.index), end[1] ?? '', true);
      behind(end.index + end[0].length, signAt(source, end.index + end[0].length - 3), true);
      continue;
    }
    at = begin + 2 + sign.length;
    tokens.push({ kind: 'open', text: opener });
    const end = opener === '{{' ? '}}' : '%}';
    const open: string[] = [];
    for (;;) {
      someSpace.lastIndex = at;
      at += someSpace.exec(source)?.[0].length ?? 0;
      if (at >= source.length) throw new Error(`a tag has no ${end}`);
      const signed = source[at] === '-' || (source[at] === '+' && end === '%}') ? 1 : 0;
      if (open.length === 0 && source.startsWith(end, at + signed)) {
        const sign = source.slice(at, at + signed);
        tokens.push({ kind: 'close', text: opener });
        behind(at + signed + 2, sign, end === '%}');
        break;
      }
      const token = word(source, at, source[at - 1] === '.');
      at += token.length;
      tokens.push(token.token);
      const { kind, text } = token.token;
      if (kind !== 'operator') continue;
      if (Object.hasOwn(closing, text)) open.push(closing[text] as string);
      else if ([')', ']', '}'].includes(text) && open.pop() !== text)
        throw new Error(`a tag has an unexpected “${text}”`);
    }
  }
  return tokens;
}

function nextTag(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at !== -1; at = source.indexOf('{', at + 1))
    if (['{', '%', '#'].includes(source[at + 1] ?? '')) return at;
  return -1;
}

function signAt(source: string, at: number): string {
  const sign = source[at] ?? '';
  return sign === '-' || sign === '+' ? sign : '';
}

function word(
  source: string,
  at: number,
  afterDot: boolean,
): { readonly token: Token; readonly length: number } {
  const quote = source[at];
  if (quote === "'" || quote === '"') {
    let end = at + 1;
    while (end < source.length && source[end] !== quote) end += source[end] === '\\' ? 2 : 1;
    if (end >= source.length) throw new Error('a text in quotes has no end');
    return {
      token: { kind: 'string', text: unescape(source.slice(at + 1, end)) },
      length: end + 1 - at,
    };
  }
  const found = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const asFloat = afterDot ? undefined : found(float);
  if (asFloat !== undefined) return { token: { kind: 'float', text: asFloat }, length: asFloat.length };
  const asInteger = found(integer);
  if (asInteger !== undefined) {
    if (/[\p{L}\p{N}_]/u.test(source[at + asInteger.length] ?? ''))
      throw new Error(`the number at “${source.slice(at, at + 12)}” is not read here`);
    return { token: { kind: 'integer', text: asInteger }, length: asInteger.length };
  }
  const asName = found(name);
  if (asName !== undefined && asName.length > maxName)
    throw new Error(`a name is ${asName.length} characters long`);
  if (asName !== undefined) return { token: { kind: 'name', text: asName }, length: asName.length };
  const operator = operators.find((one) => source.startsWith(one, at));
  if (operator === undefined)
    throw new Error(
      `a tag has the unexpected character “${String.fromCodePoint(source.codePointAt(at) ?? 0)}”`,
    );
  return { token: { kind: 'operator', text: operator }, length: operator.length };
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r' },
  ...{ t: '\t', v: '\v' },
};

/** Python's `unicode-escape`, by which Jinja reads a text in quotes. */
function unescape(text: string): string {
  return text.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U00[\da-fA-F]{6}|[0-7]{1,3}|[\s\S])/g,
    (whole, code: string) => {
      if (code.length > 1 && /^[xuU]/.test(code)) return String.fromCodePoint(parseInt(code.slice(1), 16));
      if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
      if (Object.hasOwn(escapes, code)) return escapes[code] as string;
      if (/[xuUN\u0080-\uffff]/.test(code))
        throw new Error(`the escape “${whole}” in quotes is not read here`);
      return whole;
    },
  );
}
