/** Image files, from their first bytes to their pixels. */
import { encode as encodePng } from 'fast-png';
import { fileKind } from '../../../core/files/file-kind.ts';
import { imageFormat, readImageHeader, type ImageFormat } from '../../../core/images/image-header.ts';
import { readOrientation } from '../../../core/images/orientation.ts';
import { refuseFormat } from '../../../core/images/other-formats.ts';
import { openSheet } from '../../../workers/evaluate/sheet.ts';
import { nodeCodecs } from '../../../workers/io/images/codec-places.node.ts';
import { imageDecoder } from '../../../workers/io/images/decode-image.ts';
import { pngFile } from '../../../test/image-files.ts';
import { agree, type ParserRow } from '../parser.ts';
import { bytesAt, encoded, filesIn } from '../seeds.ts';

const folder = 'zoo/reference/images/files';
const decode = imageDecoder(nodeCodecs());

const formats: readonly (readonly [format: ImageFormat, ending: RegExp, share: number])[] = [
  ['PNG', /\.png$/, 0.15],
  ['JPEG', /\.jpg$/, 0.02],
  ['WebP', /\.webp$/, 0.04],
  ['GIF', /\.gif$/, 0.5],
  ['BMP', /\.bmp$/, 0.5],
];

const decoders: readonly ParserRow[] = formats.map(([format, ending, share]) => ({
  name: `${format} images, decoded`,
  shape: format === 'PNG' ? 'png' : 'bytes',
  seeds: () => filesIn(folder, ending),
  async parse(input) {
    const { width, height, data } = await decode(input, 'a');
    agree(
      width > 0 && height > 0 && data.length === 4 * width * height,
      'It has not the pixels that it says.',
    );
    const header = readImageHeader(input);
    const turned = header && (header.width === width ? header.height === height : header.width === height);
    // A GIF's first frame may go beyond the canvas that the header has.
    const grown = format === 'GIF' && header && header.width <= width && header.height <= height;
    agree(
      (turned || grown) ?? false,
      `Its header says ${header?.width} × ${header?.height}, and it has ${width} × ${height}.`,
    );
  },
  // What a decoder throws is its own word for a damaged file (Codec).
  wraps: ['RangeError'],
  share,
}));

export const pictureRows: readonly ParserRow[] = [
  ...decoders,
  {
    name: 'size and turn of an image file',
    shape: 'bytes',
    seeds: () => filesIn(folder, /^orientation|\.(png|jpg|webp|gif|bmp)$/),
    parse(input) {
      const header = readImageHeader(input);
      if (header)
        agree(
          [1, 2, 3, 4, 5, 6, 7, 8].includes(readOrientation(input, header.format)),
          'There is no such turn.',
        );
    },
  },
  {
    name: 'what a file is (core/files/file-kind.ts) and formats that are refused',
    shape: 'bytes',
    seeds: () => [
      ...filesIn(folder, /^(rgb-8\.png|444\.jpg|lossy\.webp)$/),
      encoded('{"format": "frism-recipe"}'),
      encoded('PK\x03\x04'),
      encoded('GGUF\x03'),
      encoded('\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic'),
      encoded('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    parse(input) {
      const { id } = fileKind('a.bin', input.subarray(0, 512));
      agree(
        (id === 'image') === (imageFormat(input) !== null) || input.length === 0,
        'It is an image, and is not.',
      );
      agree(
        refuseFormat(input, 'a.bin').code === 'bad-file' || imageFormat(input) === null,
        'It is refused.',
      );
    },
  },
  {
    name: 'PNG sheets of a data set',
    shape: 'png',
    seeds: () => [
      new Uint8Array(pngFile(8, 8, 1)),
      ...([1, 3] as const).map(
        (channels) =>
          new Uint8Array(
            encodePng({ width: 8, height: 8, channels, data: new Uint8Array(64 * channels).fill(77) }),
          ),
      ),
    ],
    parse(input) {
      const sheet = openSheet(input, { tile: 4, columns: 2, count: 4 }, 'sheet.png');
      for (let i = 0; i < sheet.count; i++) sheet.tile(i);
    },
    // The library's own words for a damaged file.
    wraps: ['RangeError', 'TypeError'],
    share: 0.3,
  },
  {
    name: 'PNG sheets of a data set, a large one',
    shape: 'png',
    seeds: () => [bytesAt('public/models/demo/data/calibration.png')],
    parse: (input) => openSheet(input, { tile: 64, columns: 20, count: 384 }, 'sheet.png'),
    wraps: ['RangeError', 'TypeError'],
    share: 0.01,
  },
];
