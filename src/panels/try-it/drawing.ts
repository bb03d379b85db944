/** Drawing on a board image: pure functions that return new images. Pixels are RGBA, 8 bits. */
import type { BoardGeometry, RgbaImage } from '../../../protocol/session.ts';

export type Rgb = readonly [number, number, number];

/** 5×7 bitmaps, rows from the top, '#' is ink: the characters that boards are written with. */
const glyphs: Readonly<Record<string, string>> = {
  '0': '.###. #...# #..## #.#.# ##..# #...# .###.',
  '1': '..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.',
  '2': '.###. #...# ....# ...#. ..#.. .#... #####',
  '3': '##### ...#. ..#.. ...#. ....# #...# .###.',
  '4': '...#. ..##. .#.#. #..#. ##### ...#. ...#.',
  '5': '##### #.... ####. ....# ....# #...# .###.',
  '6': '..##. .#... #.... ####. #...# #...# .###.',
  '7': '##### ....# ...#. ..#.. .#... .#... .#...',
  '8': '.###. #...# #...# .###. #...# #...# .###.',
  '9': '.###. #...# #...# .#### ....# ...#. .##..',
  '+': '..... ..#.. ..#.. ##### ..#.. ..#.. .....',
  '-': '..... ..... ..... ##### ..... ..... .....',
  '*': '..... #...# .#.#. ..#.. .#.#. #...# .....',
};

export const writable = Object.keys(glyphs).join(' ');

export function blankBoard({ rows, columns, cellPixels, background }: BoardGeometry): RgbaImage {
  const width = columns * cellPixels;
  const height = rows * cellPixels;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i += 4) data.set([...background, 255], i);
  return { width, height, data };
}

function fill(
  data: Uint8ClampedArray,
  { width, height }: RgbaImage,
  x0: number,
  y0: number,
  sizePx: number,
  [r, g, b]: Rgb,
): void {
  for (let y = Math.max(0, y0); y < Math.min(height, y0 + sizePx); y++) {
    for (let x = Math.max(0, x0); x < Math.min(width, x0 + sizePx); x++)
      data.set([r, g, b, 255], 4 * (y * width + x));
  }
}

/** A stroke from one pixel to another, `sizePx` wide. */
export function paintLine(
  image: RgbaImage,
  from: readonly [number, number],
  to: readonly [number, number],
  color: Rgb,
  sizePx: number,
): RgbaImage {
  const data = image.data.slice();
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let i = 0; i <= steps; i++) {
    const x = from[0] + ((to[0] - from[0]) * i) / steps;
    const y = from[1] + ((to[1] - from[1]) * i) / steps;
    fill(data, image, Math.floor(x - sizePx / 2 + 0.5), Math.floor(y - sizePx / 2 + 0.5), sizePx, color);
  }
  return { ...image, data };
}

/** Why `text` cannot be written on the board, in a sentence, or null. A space leaves a cell blank. */
export function writingProblem(board: BoardGeometry, text: string): string | null {
  const unknown = [...text].find((character) => character !== ' ' && !(character in glyphs));
  if (unknown) return `“${unknown}” cannot be written; these can: ${writable}`;
  const cells = board.rows * board.columns;
  if (text.length > cells) return `The board has ${cells} cells, this needs ${text.length}.`;
  return null;
}

/** A fresh board with one character a cell, in reading order, in the middle of its cell. */
export function writeOnBoard(board: BoardGeometry, text: string, ink: Rgb): RgbaImage {
  const image = blankBoard(board);
  const scale = Math.max(1, Math.floor(board.cellPixels / 8));
  const left = Math.floor((board.cellPixels - 5 * scale) / 2);
  const top = Math.floor((board.cellPixels - 7 * scale) / 2);
  [...text].forEach((character, cell) => {
    const x0 = (cell % board.columns) * board.cellPixels + left;
    const y0 = Math.floor(cell / board.columns) * board.cellPixels + top;
    glyphs[character]?.split(' ').forEach((row, y) => {
      [...row].forEach((dot, x) => {
        if (dot === '#') fill(image.data, image, x0 + x * scale, y0 + y * scale, scale, ink);
      });
    });
  });
  return image;
}
