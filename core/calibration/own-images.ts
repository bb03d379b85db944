/**
 * What a person brings to calibrate on: images of any kind and questions about them, no labels. The questions
 * to begin with, the bounds, and how a text becomes a list, for the page, the command line and the engine
 * alike.
 */

/**
 * Perception questions that any image has an answer to. None asks for a judgement or a sum: what is to stay
 * is seeing.
 */
export const perceptionQuestions: readonly string[] = [
  'Describe this image.',
  'What is in the foreground?',
  'What is in the background?',
  'What colours stand out?',
  'How many people or objects are there?',
  'Is there any text in the image, and what does it say?',
];

/** Tokens of an answer that are compared: enough for a sentence or two. */
export const answerTokens = 32;

export const mostImages = 1000;
export const mostQuestions = 100;
export const mostTraces = 10_000;
/** The most characters that a question or a text prompt may have. */
export const longestText = 4000;

/** The entries of a text with one entry a line. Empty lines and repetitions are left out. */
export function linesOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
}

/** The files of a folder that are named as images. An image that was picked by hand need not be named so. */
export const namedAsImage = (path: string): boolean =>
  /\.(png|jpe?g|jfif|webp|gif|bmp)$/i.test(path) && !/(^|\/)\./.test(path);

const collator = new Intl.Collator('en', { numeric: true });

/** The order in which a person lists files, so that the same folder gives the same items. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  collator.compare(a.name, b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
