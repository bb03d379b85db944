import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  blockBytes,
  decodeBlock,
  emptyBlock,
  encodeBlock,
  missingRuns,
  pageBytes,
  withBytes,
  type Block,
} from './block.ts';

/** Byte i of every block here. */
const content = new Uint8Array(blockBytes).map((_, i) => (i * 7 + (i >> 16)) & 255);
const piece = (begin: number, end: number): Uint8Array<ArrayBuffer> => content.slice(begin, end);
const everything = { first: 0, last: blockBytes / pageBytes };

/** Pieces in pages, so that they meet often; some do not begin or end at one. */
const arbitraryPieces = fc.array(
  fc
    .record({ begin: fc.nat(20 * pageBytes), length: fc.nat(4 * pageBytes), aligned: fc.boolean() })
    .map(({ begin, length, aligned }) => {
      const step = aligned ? pageBytes : 1;
      return { begin: Math.floor(begin / step) * step, length: Math.floor(length / step) * step };
    }),
  { maxLength: 8 },
);

test('of what was put in, whole pages are there and right, and all others are missing', () => {
  fc.assert(
    fc.property(
      arbitraryPieces,
      fc.integer({ min: 20 * pageBytes, max: 24 * pageBytes }),
      (pieces, sizeBytes) => {
        let block: Block = emptyBlock();
        const there = new Set<number>();
        for (const { begin, length } of pieces) {
          const end = Math.min(begin + length, sizeBytes);
          if (end <= begin) continue;
          block = withBytes(block, begin, piece(begin, end), sizeBytes);
          for (let page = 0; page * pageBytes < sizeBytes; page++)
            if (begin <= page * pageBytes && Math.min((page + 1) * pageBytes, sizeBytes) <= end)
              there.add(page);
        }
        const restored = decodeBlock(encodeBlock(block), sizeBytes);
        if (!restored) throw new Error('a stored block was not recognised');
        const missing = missingRuns(restored, { first: 0, last: Math.ceil(sizeBytes / pageBytes) }, 0);
        for (let page = 0; page * pageBytes < sizeBytes; page++) {
          expect(missing.some(({ first, last }) => first <= page && page < last)).toBe(!there.has(page));
          if (!there.has(page)) continue;
          const [begin, end] = [page * pageBytes, Math.min((page + 1) * pageBytes, sizeBytes)];
          expect(
            Buffer.from(restored.bytes.subarray(begin, end)).equals(Buffer.from(piece(begin, end))),
          ).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('missing runs that lie close together are one request', () => {
  const block = withBytes(
    withBytes(emptyBlock(), 2 * pageBytes, piece(2 * pageBytes, 4 * pageBytes), blockBytes),
    20 * pageBytes,
    piece(20 * pageBytes, 40 * pageBytes),
    blockBytes,
  );
  expect(missingRuns(block, everything, 0)).toEqual([
    { first: 0, last: 2 },
    { first: 4, last: 20 },
    { first: 40, last: 128 },
  ]);
  expect(missingRuns(block, everything, 4)).toEqual([
    { first: 0, last: 20 },
    { first: 40, last: 128 },
  ]);
  expect(missingRuns(block, { first: 21, last: 40 }, 4)).toEqual([]);
});

test('what is not a whole stored block is none', async () => {
  const stored = encodeBlock(withBytes(emptyBlock(), 0, piece(0, 2 * pageBytes), blockBytes));
  expect(decodeBlock(stored, blockBytes)).not.toBeNull();
  // Cut, longer, of another file's size, another format, nothing.
  expect(decodeBlock(stored.slice(0, -1), blockBytes)).toBeNull();
  expect(
    decodeBlock(new Uint8Array(await new Blob([stored, new Uint8Array(1)]).arrayBuffer()), blockBytes),
  ).toBeNull();
  expect(decodeBlock(stored, pageBytes + 5)).toBeNull();
  expect(
    decodeBlock(
      Uint8Array.from(stored, (byte, i) => (i === 0 ? byte + 1 : byte)),
      blockBytes,
    ),
  ).toBeNull();
  expect(decodeBlock(new Uint8Array(0), blockBytes)).toBeNull();
});
