/**
 * Texts from foreign files, made fit to be looked at: what a terminal would obey, and what would change the order or
 * the sight of the text around it, becomes visible as an escape. Everything else stays, the joiners of scripts and
 * emoji included.
 */

/** Control characters, formats such as overrides of direction, separators of lines, halves of surrogate pairs. */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** As JSON escapes it, so that a text that is JSON stays the same JSON. */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

/** A text of one line: an end of a line in it becomes visible too. */
export const visibleLine = (text: string): string => text.replace(unseen, escaped);

/** A text of several lines, which may have tabs. */
export const visibleText = (text: string): string =>
  text.replace(unseen, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
