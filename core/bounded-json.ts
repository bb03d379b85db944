/**
 * JSON.parse behind a look at how deeply the text is nested: V8 takes a hundred bytes for every bracket that
 * is open, so that a text of a few megabytes of them would exhaust the page. The reader of a text decides how
 * long it may be.
 */
const maxDepth = 100;

/** Throws SyntaxError, as JSON.parse does. */
export function parseBoundedJson(text: string): unknown {
  const tooDeepAt = tooDeep(text, maxDepth);
  if (tooDeepAt !== null)
    throw new SyntaxError(`The text is nested more than ${maxDepth} deep at character ${tooDeepAt}.`);
  return JSON.parse(text);
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
