/** Changes of bytes that know nothing of their format. */
import type { Random } from './random.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Longer inputs only take longer. */
const longestInput = 2 ** 17;

const boundaries = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** @param other another input of the same kind, to take a piece from */
export function mutateBytes(bytes: Uint8Array, other: Uint8Array, random: Random): Bytes {
  const at = random.below(bytes.length + 1);
  const span = (from: Uint8Array): Uint8Array => {
    const begin = random.below(from.length + 1);
    return from.subarray(begin, begin + 1 + random.below(random.pick([4, 32, 1024])));
  };
  const put = (piece: Uint8Array, over = 0): Bytes =>
    joined(bytes.subarray(0, at), piece, bytes.subarray(Math.min(bytes.length, at + over)));
  switch (random.below(9)) {
    case 0: // one bit
      return changed(bytes, at, (byte) => byte ^ (1 << random.below(8)));
    case 1: // one byte
      return changed(bytes, at, () => random.below(256));
    case 2: // taken out
      return put(new Uint8Array(0), 1 + random.below(random.pick([4, 64, 4096])));
    case 3: // put in
      return put(Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256)));
    case 4: // a piece twice
      return put(span(bytes));
    case 5: // a piece of another input
      return put(span(other), random.oneIn(2) ? random.below(64) : 0);
    case 6: // the beginning of one and the end of another
      return joined(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
    case 7: // cut off
      return new Uint8Array(bytes.subarray(0, at));
    default: // a number at the edge of its range
      return put(numberBytes(random), random.pick([1, 2, 4, 8]));
  }
}

function numberBytes(random: Random): Uint8Array {
  const width = random.pick([1, 2, 4, 8]);
  const view = new DataView(new ArrayBuffer(8));
  const value = random.pick(boundaries);
  const little = random.oneIn(2);
  if (width === 8) view.setBigUint64(0, BigInt(value) * (random.oneIn(2) ? 1n : 2n ** 31n), little);
  else if (width === 4) view.setUint32(0, value, little);
  else if (width === 2) view.setUint16(0, value, little);
  else view.setUint8(0, value);
  return new Uint8Array(view.buffer, 0, width);
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Bytes {
  const copy = new Uint8Array(bytes);
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}

export function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(
    Math.min(
      longestInput,
      parts.reduce((sum, { length }) => sum + length, 0),
    ),
  );
  let at = 0;
  for (const part of parts) {
    const piece = part.subarray(0, all.length - at);
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
