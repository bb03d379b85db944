/** Texts of foreign files in a model card: they stay text, whatever Markdown, HTML or YAML would make of them. */
import { visibleLine } from '../../../core/visible.ts';

/** A path is longer nowhere, and a finding's sentence hardly ever. */
const longest = 4000;

/** One line that is seen as it is, cut where it would drown the card. */
const seen = (text: string): string =>
  visibleLine(text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text in a heading, a table's cell, or after the beginning of a line. A `_` within a word is no sign of Markdown. */
export const plain = (text: string): string =>
  seen(text).replace(
    /[&<>]|[\\`*[\]|~$#!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu,
    (sign) => entities[sign] ?? `\\${sign}`,
  );

/**
 * A code span, which can stand in a table too. Within one nothing can be escaped, so that the two signs that could end
 * it are written as JSON would.
 */
export const code = (text: string): string =>
  `\`${seen(text).replace(/[`|]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`) || ' '}\``;

/** Words that YAML reads as something else than a text. */
const yamlWords = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf|infinity)$/i;

/** A text of letters, digits and `-._` as a value in front matter. */
export const yamlText = (text: string): string =>
  /^[a-z][\w.-]*$/i.test(text) && !yamlWords.test(text) ? text : JSON.stringify(text);
