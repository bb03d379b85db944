/**
 * Texts by their characters, which are code points in Python and code units in JavaScript, and what is looked for in
 * them. All of it is linear in the length of the texts and counted before it is done.
 */
import { joined, read, visit } from './work.ts';

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
const surrogate = /[\ud800-\udfff]/;
/** Up to this length the engine's own search takes no longer than ours, whatever the text. */
const shortPart = 16;

/** In code points. */
export function lengthOf(text: string): number {
  read(text.length);
  if (!surrogate.test(text)) return text.length;
  let pairs = 0;
  for (let at = 1; at < text.length; at++)
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) pairs++;
  return text.length - pairs;
}

export function charactersOf(text: string): string[] {
  visit(text.length);
  return [...text];
}

/** Undefined beyond its ends. */
export function characterAt(text: string, index: number): string | undefined {
  read(text.length);
  return surrogate.test(text) ? charactersOf(text).at(index) : text.at(index);
}

/** The first `count` characters. */
export function firstOf(text: string, count: number): string {
  read(text.length);
  return surrogate.test(text) ? joined(charactersOf(text).slice(0, count)) : text.slice(0, count);
}

/** Below 0 where `a` comes before `b` in the order of their code points. */
export function compareTexts(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  read(shorter);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === shorter) return a.length - b.length;
  // In the second half of a pair, the pair decides.
  const begin = at > 0 && isLow(a.charCodeAt(at)) && isHigh(a.charCodeAt(at - 1)) ? at - 1 : at;
  return (a.codePointAt(begin) ?? 0) - (b.codePointAt(begin) ?? 0);
}

/** Where `part` begins first; -1 where it is not. */
export function find(text: string, part: string): number {
  read(text.length + part.length);
  return next(text, part, 0);
}

/** Where `part` begins last; -1 where it is not. */
export function findLast(text: string, part: string): number {
  read(text.length + part.length);
  return part.length <= shortPart ? text.lastIndexOf(part) : search(text, part, 0, borders(part), true);
}

/** `text.split(part)`; `part` is not empty. */
export function pieces(text: string, part: string): string[] {
  read(text.length + part.length);
  const found: string[] = [];
  const table = part.length <= shortPart ? null : borders(part);
  for (let begin = 0; ;) {
    visit(1);
    const end = table ? search(text, part, begin, table, false) : text.indexOf(part, begin);
    found.push(text.slice(begin, end === -1 ? text.length : end));
    if (end === -1) return found;
    begin = end + part.length;
  }
}

function next(text: string, part: string, from: number): number {
  return part.length <= shortPart ? text.indexOf(part, from) : search(text, part, from, borders(part), false);
}

/**
 * Knuth, Morris and Pratt (1977): never slower than both lengths together. The engine's own search compares a text of
 * one letter with a long part of the same letter behind another at every place.
 */
function search(text: string, part: string, from: number, table: Int32Array, last: boolean): number {
  let found = -1;
  for (let at = from, matched = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = table[matched - 1] as number;
    if (part.charCodeAt(matched) === code) matched++;
    if (matched < part.length) continue;
    found = at - matched + 1;
    if (!last) return found;
    matched = table[matched - 1] as number;
  }
  return found;
}

/** Of each beginning of `part`, the length of the longest shorter one that ends it as well. */
function borders(part: string): Int32Array {
  const table = new Int32Array(part.length);
  for (let at = 1, matched = 0; at < part.length; at++) {
    const code = part.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = table[matched - 1] as number;
    if (part.charCodeAt(matched) === code) matched++;
    table[at] = matched;
  }
  return table;
}
