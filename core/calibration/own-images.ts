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
        .split(/\r\n?|\n/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
}

/**
 * Endings of pictures, those among them that are not decoded: a folder's photos in such a format are looked at,
 * and refused by name with what to do, instead of being passed over.
 */
const pictureEndings = new Set(
  (
    'png apng jpg jpeg jpe jfif webp gif bmp dib heic heics heif heifs hif avif avifs tif tiff jxl jp2 j2k jpf jpx ' +
    'psd svg svgz ico icns exr qoi ppm pgm pbm pnm tga hdr dng cr2 cr3 crw nef nrw arw sr2 srf raf orf rw2 pef raw'
  ).split(' '),
);

/** What systems leave in folders; nobody thinks of it as a file of theirs. */
const isLitter = (path: string): boolean =>
  /(^|\/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(path);
const isHidden = (path: string): boolean => /(^|\/)\./.test(path);

/** Whether a file of a folder is named as a picture. An image that was picked by hand need not be named so. */
export const namedAsImage = (path: string): boolean =>
  pictureEndings.has(/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '') && !isHidden(path);

/** Of a folder's files those that are looked at, and the names of those that are left out unseen. */
export function splitFolder<T extends { readonly name: string }>(
  files: readonly T[],
): { readonly images: readonly T[]; readonly leftOut: readonly string[] } {
  return {
    images: files.filter(({ name }) => namedAsImage(name)),
    leftOut: files.map(({ name }) => name).filter((name) => !namedAsImage(name) && !isLitter(name)),
  };
}

const mostNamed = 5;

/** A sentence about files that were left out; null where there are none. */
export function leftOutSentence(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const more = names.length - mostNamed;
  const list = names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const [are, them] = names.length === 1 ? ['file was', 'its name does'] : ['files were', 'their names do'];
  return `${names.length} ${are} left out because ${them} not end as an image’s: ${list}.`;
}

const collator = new Intl.Collator('en', { numeric: true });

/** The order in which a person lists files, so that the same folder gives the same items. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  collator.compare(a.name, b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
