import { expect, test } from 'vitest';
import type { BoardGeometry, RgbaImage } from '../../../protocol/session.ts';
import { blankBoard, paintLine, writeOnBoard, writingProblem } from './drawing.ts';

const board: BoardGeometry = {
  rows: 4,
  columns: 4,
  cellPixels: 16,
  inks: [{ name: 'black', color: [25, 25, 28] }],
  background: [242, 242, 242],
};
const ink = [25, 25, 28] as const;

/** Inked pixels a cell, in reading order. */
function inkByCell({ width, height, data }: RgbaImage): number[] {
  const counts = new Array<number>(16).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[4 * (y * width + x)] === 25) counts[Math.floor(y / 16) * 4 + Math.floor(x / 16)]! += 1;
    }
  }
  return counts;
}

test('a board is as large as its cells and blank', () => {
  const image = blankBoard(board);
  expect([image.width, image.height]).toEqual([64, 64]);
  expect(inkByCell(image).every((count) => count === 0)).toBe(true);
});

test('each character lands in its own cell, at twice 5×7', () => {
  const counts = inkByCell(writeOnBoard(board, '1 -+7', ink));
  // Dots of the bitmaps, four pixels each: "1" has 10, "-" 5, "+" 9, "7" 11.
  expect(counts.slice(0, 5)).toEqual([40, 0, 20, 36, 44]);
  expect(counts.slice(5).every((count) => count === 0)).toBe(true);
});

test('what cannot be written is named', () => {
  expect(writingProblem(board, '3+4*2')).toBeNull();
  expect(writingProblem(board, '3/4')).toMatch(/“\/”/);
  expect(writingProblem(board, '1'.repeat(17))).toMatch(/16 cells, this needs 17/);
});

test('a stroke is continuous, clipped, and leaves the image before it alone', () => {
  const before = blankBoard(board);
  const after = paintLine(before, [2, 8], [70, 8], ink, 2);
  expect(inkByCell(before).every((count) => count === 0)).toBe(true);
  expect(inkByCell(after).slice(0, 4)).toEqual([2 * 15, 2 * 16, 2 * 16, 2 * 16]);
});
