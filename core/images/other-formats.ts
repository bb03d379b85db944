/**
 * What people bring as an image that is none of the five formats which are decoded: recognised by its first
 * bytes, so that a refusal can say what it is and what to do. No two models see the same picture of what must be
 * developed, rendered or picked from pages first, and none of these comes to a model in training data.
 */
import { StudioError } from '../errors.ts';

/** Every sentence about what can be decoded says it in these words. */
export const decodedFormats = 'PNG, JPEG, WebP, GIF and BMP';

interface OtherFormat {
  /** With its article: it follows “is”. */
  readonly name: string;
  /** A whole sentence. */
  readonly help: string;
  is(bytes: Uint8Array): boolean;
}

const text = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));
const begins =
  (start: string, at = 0) =>
  (bytes: Uint8Array): boolean =>
    text(bytes, at, start.length) === start;
const anyOf =
  (...tests: readonly ((bytes: Uint8Array) => boolean)[]) =>
  (bytes: Uint8Array): boolean =>
    tests.some((test) => test(bytes));

/** ISO/IEC 14496-12: brands of the first box, the main one and those that it is compatible with. */
const branded =
  (...brands: readonly string[]) =>
  (bytes: Uint8Array): boolean => {
    if (text(bytes, 4, 4) !== 'ftyp') return false;
    const size = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    for (let at = 8; at + 4 <= Math.min(size, bytes.length, 256); at += 4)
      if (at !== 12 && brands.includes(text(bytes, at, 4))) return true;
    return false;
  };

const asJpegOrPng = 'Save it as JPEG or PNG.';

const formats: readonly OtherFormat[] = [
  { name: 'an AVIF image', help: asJpegOrPng, is: branded('avif', 'avis') },
  {
    name: 'a HEIC photo, as iPhones take them',
    help: 'Export it as JPEG; on the phone, the camera setting “Most compatible” takes JPEG at once.',
    is: branded('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'),
  },
  {
    name: 'a video',
    help: 'Save single frames of it as JPEG or PNG.',
    is: anyOf(begins('ftyp', 4), begins('\x1aE\xdf\xa3'), begins('AVI ', 8)),
  },
  {
    name: 'a TIFF image or a camera’s raw file',
    help: 'Save it as PNG, or develop it to JPEG.',
    is: anyOf(begins('II*\0'), begins('MM\0*'), begins('II+\0'), begins('MM\0+')),
  },
  {
    name: 'a JPEG XL image',
    help: asJpegOrPng,
    is: anyOf(begins('\xff\x0a'), begins('\0\0\0\x0cJXL ')),
  },
  {
    name: 'a JPEG 2000 image',
    help: asJpegOrPng,
    is: anyOf(begins('\0\0\0\x0cjP  '), begins('\xff\x4f\xff\x51')),
  },
  { name: 'a Photoshop document', help: asJpegOrPng, is: begins('8BPS') },
  { name: 'an icon', help: 'Save it as PNG.', is: anyOf(begins('\0\0\x01\0'), begins('icns')) },
  { name: 'an OpenEXR image', help: 'Save it as PNG.', is: begins('v/1\x01') },
  { name: 'a QOI image', help: 'Save it as PNG.', is: begins('qoif') },
  {
    name: 'a PNM image',
    help: 'Save it as PNG.',
    is: (bytes) => /^P[1-7]\s/.test(text(bytes, 0, 3)),
  },
  { name: 'a PDF document', help: 'Save its pages as PNG.', is: begins('%PDF') },
  {
    name: 'an SVG drawing',
    help: 'Save it as PNG in the size that a model is to see.',
    is: (bytes) => /^\s*(<\?xml|<!--|<svg|<!DOCTYPE svg)/i.test(text(bytes, 0, 64)),
  },
  {
    name: 'a web page, not an image',
    help: 'The download went wrong; fetch the image itself.',
    is: (bytes) => /^\s*<(!DOCTYPE html|html)/i.test(text(bytes, 0, 64)),
  },
  {
    name: 'a pointer of Git LFS, not the image itself',
    help: 'Fetch the files with git lfs pull, or download them from the Hub.',
    is: begins('version https://git-lfs'),
  },
];

/** What bytes that are no image of the five formats are, as far as it is known. */
export const otherFormat = (bytes: Uint8Array): Pick<OtherFormat, 'name' | 'help'> | null =>
  formats.find((format) => format.is(bytes)) ?? null;

/** The refusal of what no decoder here reads, named as far as it is known. */
export function refuseFormat(bytes: Uint8Array, file: string): StudioError {
  const known = otherFormat(bytes);
  return new StudioError(
    known ? 'unsupported' : 'bad-file',
    known
      ? `${file}: is ${known.name}, which is not decoded here (${decodedFormats} are). ${known.help}`
      : `${file}: is none of ${decodedFormats}. Save the picture in one of these formats.`,
    { details: { file } },
  );
}
