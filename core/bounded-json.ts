/**
 * JSON.parse behind a look at how deeply the text is nested: V8 takes a hundred bytes for every bracket that
 * is open, so that a text of a few megabytes of them would exhaust the page. The reader of a text decides how
 * long it may be.
 */
const maxDepth = 100;

/** Throws SyntaxError, as JSON.parse does. */
export function parseBoundedJson(text: string): unknown {
  if (isDeeper(text, maxDepth)) throw new SyntaxError(`The text is nested more than ${maxDepth} deep.`);
  return JSON.parse(text);
}

/** Brackets within strings do not count; of a text that is no JSON the answer means nothing. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
    else if (code === 0x22) at = endOfString(text, at);
  }
  return false;
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
