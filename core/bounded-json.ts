/**
 * JSON as Python's `json` module writes it: JSON.parse, and NaN, Infinity and -Infinity as numbers. It stands
 * behind a look at how deeply the text is nested, because V8 takes a hundred bytes for every bracket that is open,
 * and at how many values and names it holds, because a list of empty lists takes eight times its length. The reader
 * of a text decides how long it may be.
 */
const maxDepth = 100;
/** The tokenizer.json of Gemma 3, one of the largest, has 1.8 million. */
const maxValues = 2_500_000;
/** Of members, which take V8 longest. That of Gemma 3 has some 310,000. */
const maxNames = 600_000;

/** A text that is deeper or larger than is read; its message is a predicate of the file. */
export class JsonBoundsError extends SyntaxError {}

/** Throws SyntaxError, as JSON.parse does. */
export function parseBoundedJson(text: string): unknown {
  checkSize(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const spelled = spellNumbers(text);
    if (spelled === null) throw cause;
    return JSON.parse(spelled.text, (_, value: unknown) => (value === spelled.nan ? NaN : value));
  }
}

/**
 * Throws JsonBoundsError at the first bracket that is too deep and the first value that is too many, beyond which nothing
 * is read. What stands within strings does not count. For a text that is no JSON the answer means nothing.
 */
function checkSize(text: string): void {
  let depth = 0;
  let values = 0;
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      continue;
    }
    const opens = code === 0x5b || code === 0x7b;
    if (opens && ++depth > maxDepth)
      throw new JsonBoundsError(
        `is nested more than ${maxDepth} deep at character ${at}, which no file of a model is`,
      );
    if (code === 0x5d || code === 0x7d) depth--;
    // A bracket or a comma has a value behind it.
    if ((opens || code === 0x2c) && ++values > maxValues)
      throw new JsonBoundsError(`has more than ${maxValues} values, which are not read`);
    if (code === 0x3a && ++names > maxNames)
      throw new JsonBoundsError(`has more than ${maxNames} names of values, which are not read`);
  }
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
