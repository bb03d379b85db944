/**
 * Regular expressions of a tokenizer.json are somebody else's, and JavaScript's engine tries all ways through one.
 * What could take it longer than a text is worth is refused: something repeated inside a repetition, or more than
 * three repetitions in a row.
 */
const maxLength = 2000;
const maxRepetitions = 3;

interface Group {
  /** Repetitions without end in the alternative that is being read, and in the longest so far. */
  here: number;
  most: number;
  alternatives: boolean;
}

/** Why a pattern is not taken, as the end of a sentence; null where it is. */
export function regexFault(pattern: string): string | null {
  if (pattern.length > maxLength) return `is longer than ${maxLength} characters`;
  const stack: Group[] = [{ here: 0, most: 0, alternatives: false }];
  let closed: Group | null = null;
  for (let at = 0; at < pattern.length;) {
    const top = stack.at(-1) as Group;
    const [token = ''] = /^(?:\\[\s\S]|\[(?:\\[\s\S]|\[:[^\]]*:\]|[^\]\\])+\]|\{\d+(?:,\d*)?\}|[\s\S])/u.exec(
      pattern.slice(at, at + maxLength),
    ) ?? [''];
    at += Math.max(1, token.length);
    if (/^\\[1-9gk]/.test(token)) return 'refers back to what it found';
    if (token === '(') {
      if (/^\?[RP(>]/.test(pattern.slice(at))) return 'uses a group that is not read here';
      stack.push({ here: 0, most: 0, alternatives: false });
    } else if (token === ')') {
      if (stack.length === 1) return 'has a bracket too many';
      closed = stack.pop() as Group;
      const above = stack.at(-1) as Group;
      above.here += Math.max(closed.most, closed.here);
      continue;
    } else if (token === '|') {
      top.most = Math.max(top.most, top.here);
      top.here = 0;
      top.alternatives = true;
    } else if (/^(?:[*+]|\{\d+,\}|\{\d+,\d{2,}\}|\{\d{2,}\})$/.test(token)) {
      if (closed && (closed.alternatives || Math.max(closed.most, closed.here) > 0))
        return 'repeats what repeats itself';
      top.here++;
    }
    closed = null;
    if (top.here > maxRepetitions) return 'has too many repetitions in a row';
  }
  return stack.length === 1 ? null : 'has a bracket that is not closed';
}
