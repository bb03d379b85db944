/**
 * JPEG by MozJPEG's decoder, which is libjpeg-turbo's (@jsquash/jpeg): the same integer transform and the same
 * smooth chroma upsampling as Pillow's, so the same pixels.
 */
import makeCodec from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import { StudioError } from '../../../core/errors.ts';
import type { Codec, CodecPlaces, Pixels } from './codec.ts';
import { freshInstance } from './emscripten.ts';
import { readFrame, type JpegFrame } from './jpeg-frame.ts';
import { splitFourChannels } from './jpeg-split.ts';

interface JpegModule {
  decode(bytes: Uint8Array, turn: boolean): Pixels | null;
}

/**
 * Every scan of a progressive file is a walk over the whole picture. 67 million pixels in the ten scans that
 * encoders write are allowed, and so are very many scans of a small picture.
 */
const mostScanPixels = 2 ** 30;
const mostScans = 1000;

export const decodeJpeg: Codec = async (bytes, { width, height }, { places, file }) => {
  const frame = readFrame(bytes);
  checkKind(frame, file);
  if (frame.scans > mostScans || frame.scans * width * height > mostScanPixels)
    throw new StudioError(
      'bad-file',
      `${file}: has ${frame.scans} scans of ${width} × ${height} pixels, which would take minutes to decode and which no camera writes. Save the picture anew.`,
      { details: { file, value: frame.scans } },
    );
  if (!frame.ends) throw new Error('it ends in the middle');
  if (frame.components !== 4) return decodeThree(bytes, places);
  const { isYcck, colours, black } = splitFourChannels(bytes);
  return inksToRgb(await decodeThree(colours, places), await decodeThree(black, places), isYcck);
};

async function decodeThree(bytes: Uint8Array<ArrayBuffer>, places: CodecPlaces): Promise<Pixels> {
  const lines: string[] = [];
  const codec = await freshInstance<JpegModule>(makeCodec, await places.module('jpeg'), (line) =>
    lines.push(line),
  );
  let pixels: Pixels | null;
  try {
    pixels = codec.decode(bytes, false);
  } catch (cause) {
    throw new Error(lines[0] ?? 'the decoder gave up', { cause });
  }
  const spoilt = lines.find((line) => !harmless.some((pattern) => pattern.test(line)));
  if (!pixels || spoilt !== undefined) throw new Error(spoilt ?? 'the decoder gave up');
  return pixels;
}

/**
 * CMYK as Pillow takes it: always inverted, as Adobe's programs write it, and without a profile. @param inks cyan,
 * magenta and yellow, or what YCCK was made of
 */
function inksToRgb(inks: Pixels, black: Pixels, isYcck: boolean): Pixels {
  const { data } = inks;
  for (let at = 0; at < data.length; at += 4) {
    const light = black.data[at + 2] as number;
    for (let channel = at; channel < at + 3; channel++) {
      const value = data[channel] as number;
      // Pillow's MULDIV255.
      const product = (isYcck ? value : 255 - value) * light + 128;
      data[channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return inks;
}

/** Warnings of libjpeg with which every pixel is as it was written. */
const harmless = [
  /^Corrupt JPEG data: \d+ extraneous bytes before marker/,
  /^Unsupported marker type/,
  /^Warning: unknown JFIF revision number/,
  /^Inconsistent progression sequence/,
  /^Obtained XMS handle/,
];

/** Kinds that browsers and Pillow do not all decode either. */
function checkKind({ process, bits, components }: JpegFrame, file: string): void {
  const refuse = (what: string) =>
    new StudioError(
      'unsupported',
      `${file}: is ${what}, which is not decoded here. Save it as a usual JPEG or as PNG.`,
      {
        details: { file },
      },
    );
  if (process === 'lossless') throw refuse('a lossless or hierarchical JPEG');
  if (process === 'arithmetic') throw refuse('a JPEG with arithmetic coding');
  if (bits !== 8) throw refuse(`a JPEG of ${bits} bits a channel`);
  if (components !== 1 && components !== 3 && components !== 4)
    throw refuse(`a JPEG of ${components} channels`);
}
