/**
 * Pixels of an image file, the same ones on every road: calibration, the page's board and the command line, in a
 * browser and in Node. What is decoded is turned as its EXIF data says and laid on white where it is transparent;
 * 16 bits a channel become 8 by their high byte; colour profiles and gamma are not heeded, as Pillow does not.
 */
import { StudioError } from '../../../core/errors.ts';
import {
  checkSize,
  imageFormat,
  readImageHeader,
  type ImageFormat,
} from '../../../core/images/image-header.ts';
import { layOnWhite } from '../../../core/images/on-white.ts';
import { readOrientation, turned } from '../../../core/images/orientation.ts';
import { refuseFormat } from '../../../core/images/other-formats.ts';
import type { DecodeImage } from '../contract.ts';
import { decodeBmp } from './bmp.ts';
import type { Codec, CodecPlaces } from './codec.ts';
import { decodeGif } from './gif.ts';
import { decodeJpeg } from './jpeg.ts';
import { decodePng } from './png.ts';
import { decodeWebp } from './webp.ts';

const codecs: Readonly<Record<ImageFormat, Codec>> = {
  PNG: decodePng,
  JPEG: decodeJpeg,
  WebP: decodeWebp,
  GIF: decodeGif,
  BMP: decodeBmp,
};

/** @param places where this place keeps the WebAssembly of the codecs */
export const imageDecoder =
  (places: CodecPlaces): DecodeImage =>
  async (bytes, file) => {
    const refuse = (why: string, cause?: unknown): StudioError =>
      new StudioError('bad-file', `${file}: ${why}`, { details: { file }, cause });
    const header = readImageHeader(bytes);
    if (!header) {
      const format = imageFormat(bytes);
      throw format
        ? refuse(`is damaged: it begins as ${format} and does not say its size. Save the picture anew.`)
        : refuseFormat(bytes, file);
    }
    checkSize(header, file);
    try {
      const image = turned(
        await codecs[header.format](bytes, header, { places, file }),
        readOrientation(bytes, header.format),
      );
      layOnWhite(image.data);
      return image;
    } catch (thrown) {
      if (thrown instanceof StudioError) throw thrown;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw refuse(
        `is damaged, and cannot be decoded as ${header.format} (${why}). Save the picture anew.`,
        thrown,
      );
    }
  };
