/**
 * Where added tokens are found in a text, and what of the white space beside them goes, as the `tokenizers` library
 * does it: tokens that are looked for in the text as it is written (`normalized` false) come before those that are
 * looked for afterwards, whatever normalizer there is, and white space is what Unicode calls so.
 * `@huggingface/tokenizers` 0.2 looks for both at once where there is no normalizer, and strips what JavaScript calls
 * white space: the byte order mark too, and not U+0085.
 */
import type { Tokenizer } from '@huggingface/tokenizers';

interface Splitter {
  split: (text: string) => string[];
}

interface AddedToken {
  readonly content: string;
  readonly normalized: boolean;
  lstrip: boolean;
  rstrip: boolean;
}

/** Of the library's tokenizer, which its types do not show. */
interface Parts {
  readonly normalizer: unknown;
  readonly added_tokens_map: ReadonlyMap<string, AddedToken>;
  splitter_unnormalized: Splitter;
  splitter_normalized: Splitter;
}

export function splitAsReference(tokenizer: Tokenizer): void {
  const parts = tokenizer as unknown as Parts;
  const tokens = parts.added_tokens_map;
  if (parts.normalizer === null) {
    const make = parts.splitter_unnormalized.constructor as new (contents: readonly string[]) => Splitter;
    const contents = (normalized: boolean): string[] =>
      [...tokens.values()].filter((token) => token.normalized === normalized).map(({ content }) => content);
    parts.splitter_unnormalized = new make(contents(false));
    parts.splitter_normalized = new make(contents(true));
  }
  const strips = new Map([...tokens].map(([text, { lstrip, rstrip }]) => [text, { lstrip, rstrip }]));
  for (const token of tokens.values()) token.lstrip = token.rstrip = false;
  for (const splitter of [parts.splitter_unnormalized, parts.splitter_normalized]) {
    const split = splitter.split.bind(splitter);
    splitter.split = (text) => {
      const sections = split(text);
      sections.forEach((section, i) => {
        const found = strips.get(section);
        const [before, after] = [sections[i - 1], sections[i + 1]];
        if (found?.lstrip && before !== undefined) sections[i - 1] = withoutEnd(before);
        if (found?.rstrip && after !== undefined) sections[i + 1] = withoutStart(after);
      });
      return sections;
    };
  }
}

/** Unicode's White_Space, as `\s` of Rust's regular expressions; none is beyond 16 bits. */
const isSpace = (code: number): boolean =>
  (code >= 9 && code <= 13) ||
  (code >= 0x2000 && code <= 0x200a) ||
  [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000].includes(code);

function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function withoutStart(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  return text.slice(start);
}
