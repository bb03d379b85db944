/** Changes of a text: spans, words of its language, and characters that readers stumble over. */
import type { Random } from './random.ts';

/** Separators, marks, halves of pairs, and what other programs give a meaning. */
const oddities = [
  '',
  '\0',
  '\n',
  '\r',
  '\t',
  ' ',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\ud800',
  '\udc00',
  '😀',
  '\u0301',
  '\x1b[2J',
  '"',
  "'",
  '\\',
  '/',
  '../',
  '%00',
  '{{',
  '}}',
  '{%',
  '%}',
  '<script>',
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '0',
  '1e309',
  '0x10',
  'NaN',
  '9007199254740993',
];

const longest = 2 ** 16;

/** @param words of the language that the text is in */
export function mutateText(text: string, other: string, words: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const span = (from: string): string => {
    const begin = random.below(from.length + 1);
    return from.slice(begin, begin + 1 + random.below(random.pick([2, 16, 256])));
  };
  const put = (piece: string, over = 0): string =>
    (text.slice(0, at) + piece + text.slice(at + over)).slice(0, longest);
  const word = (): string => random.pick(words.length > 0 && !random.oneIn(4) ? words : oddities);
  switch (random.below(9)) {
    case 0:
      return put('', 1 + random.below(random.pick([2, 16, 256])));
    case 1:
      return put(word());
    case 2:
      return put(word(), 1 + random.below(8));
    case 3:
      return put(span(text));
    case 4:
      return put(span(other), random.oneIn(2) ? random.below(32) : 0);
    case 5:
      return (text.slice(0, at) + other.slice(random.below(other.length + 1))).slice(0, longest);
    case 6: // often
      return put((random.oneIn(2) ? word() : span(text)).repeat(random.pick([2, 20, 300])));
    case 7:
      return text.slice(0, at);
    default:
      return put(String.fromCharCode(random.below(random.pick([128, 0x300, 0x10000]))));
  }
}
