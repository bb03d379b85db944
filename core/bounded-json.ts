/**
 * JSON as Python's `json` module writes it: JSON.parse, and NaN, Infinity and -Infinity as numbers. It stands
 * behind a look at how deeply the text is nested: V8 takes a hundred bytes for every bracket that is open, so
 * that a text of a few megabytes of them would exhaust the page. The reader of a text decides how long it may
 * be.
 */
const maxDepth = 100;

/** Throws SyntaxError, as JSON.parse does. */
export function parseBoundedJson(text: string): unknown {
  const tooDeepAt = tooDeep(text, maxDepth);
  if (tooDeepAt !== null)
    throw new SyntaxError(`The text is nested more than ${maxDepth} deep at character ${tooDeepAt}.`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const spelled = spellNumbers(text);
    if (spelled === null) throw cause;
    return JSON.parse(spelled.text, (_, value: unknown) => (value === spelled.nan ? NaN : value));
  }
}

/**
 * The index of the first bracket that is deeper than `limit`, beyond which nothing was read; null where there
 * is none. Brackets within strings do not count. For a text that is no JSON the answer means nothing.
 */
function tooDeep(text: string, limit: number): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return at;
    } else if (code === 0x5d || code === 0x7d) depth--;
    else if (code === 0x22) at = endOfString(text, at);
  }
  return null;
}

/** The index of the quote that ends the string which begins at `begin`, or the end of the text. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at;
  }
  return text.length;
}

/** Where a value may stand: nothing that would make one number of it and its neighbours, and no member's name. */
const words = /(?<=(?:^|[\s[,:])-?)(?:NaN|Infinity)(?=[\s,\]}]|$)(?!\s+:)/y;

/**
 * The text with Python's numbers as JSON can have them, outside of strings: a number beyond every double is
 * infinite, and `nan` is a string that the text does not hold. Null where there are none.
 */
function spellNumbers(text: string): { readonly text: string; readonly nan: string } | null {
  let nan: string;
  do nan = `NaN ${Math.random()}`;
  while (text.includes(nan));
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    if (code !== 0x4e && code !== 0x49) continue;
    words.lastIndex = at;
    const word = words.exec(text)?.[0];
    if (word === undefined) continue;
    pieces.push(text.slice(copied, at), word === 'NaN' ? JSON.stringify(nan) : '1e999');
    copied = at + word.length;
    at = copied - 1;
  }
  return copied === 0 ? null : { text: pieces.join('') + text.slice(copied), nan };
}
