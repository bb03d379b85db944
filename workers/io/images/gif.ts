/**
 * GIF (89a specification): the first frame on the canvas, which is as large as the frame needs, as Pillow takes it. Where it draws nothing the picture is transparent if one
 * of its colours is, and of colour 0 if none is, as Pillow takes it.
 */
import { checkSize } from '../../../core/images/image-header.ts';
import type { Codec } from './codec.ts';
import { unpackLzw } from './lzw.ts';

export const decodeGif: Codec = (bytes, header, { file }) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packed = view.getUint8(10);
  let at = 13;
  let palette: Uint8Array | null = null;
  const readPalette = (flags: number): Uint8Array => {
    const colours = bytes.subarray(at, (at += 3 * 2 ** ((flags & 7) + 1)));
    if (at > bytes.length) throw new RangeError('it ends in the middle of its colours');
    return colours;
  };
  if (packed & 0x80) palette = readPalette(packed);
  let transparent = -1;
  for (;;) {
    const block = view.getUint8(at++);
    if (block === 0x21) {
      // An extension: the graphic control extension says which colour is transparent.
      if (view.getUint8(at++) === 0xf9) transparent = view.getUint8(at + 1) & 1 ? view.getUint8(at + 4) : -1;
      while (view.getUint8(at) > 0) at += 1 + view.getUint8(at);
      at++;
      continue;
    }
    if (block === 0x3b) throw new Error('it holds no picture');
    if (block !== 0x2c) throw new Error(`it has a block of kind ${block}, which GIF does not know`);
    const [left, top] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const frame = { width: view.getUint16(at + 4, true), height: view.getUint16(at + 6, true) };
    const flags = view.getUint8(at + 8);
    at += 9;
    const width = Math.max(header.width, left + frame.width);
    const height = Math.max(header.height, top + frame.height);
    checkSize({ width, height }, file);
    if (flags & 0x80) palette = readPalette(flags);
    const codeBits = view.getUint8(at++);
    const indices = unpackLzw(joinBlocks(bytes, at), codeBits, frame.width * frame.height);
    const colours = palette;
    // Without a palette, and for a colour that it lacks, Pillow takes grey and black.
    const colourOf = (index: number): readonly [number, number, number, number] =>
      colours
        ? [colours[3 * index] ?? 0, colours[3 * index + 1] ?? 0, colours[3 * index + 2] ?? 0, 255]
        : [index, index, index, 255];
    const data = new Uint8ClampedArray(4 * width * height);
    if (transparent < 0) for (let to = 0; to < data.length; to += 4) data.set(colourOf(0), to);
    const rows = flags & 0x40 ? interlacedRows(frame.height) : null;
    for (let y = 0, from = 0; y < frame.height; y++) {
      const to = top + (rows ? (rows[y] as number) : y);
      for (let x = left; x < left + frame.width; x++) {
        const index = indices[from++] as number;
        if (index === transparent) continue;
        data.set(colourOf(index), 4 * (to * width + x));
      }
    }
    return { width, height, data };
  }
};

/** The data sub-blocks from `at` on as one. */
function joinBlocks(bytes: Uint8Array, at: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  let length = 0;
  for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) {
    const block = bytes.subarray(at + 1, at + 1 + size);
    blocks.push(block);
    length += block.length;
    at += 1 + size;
  }
  const joined = new Uint8Array(length);
  let to = 0;
  for (const block of blocks) {
    joined.set(block, to);
    to += block.length;
  }
  return joined;
}

/** Appendix E: every 8th row from 0, every 8th from 4, every 4th from 2, every 2nd from 1. */
function interlacedRows(height: number): number[] {
  const rows: number[] = [];
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let y = first; y < height; y += step) rows.push(y);
  return rows;
}
