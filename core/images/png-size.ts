/** How many bytes the pixels of a PNG take before they are compressed: PNG 3, 7.2 and 8. */
const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Of Adam7: first column and row of each pass, and the steps. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Takes the first 29 bytes of a PNG. A colour type that there is not counts as the largest. */
export function pngDataBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const bits = view.getUint8(24) * (channels[view.getUint8(25)] ?? 4);
  const of = (columns: number, rows: number): number =>
    columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0;
  if (view.getUint8(28) === 0) return of(width, height);
  return passes.reduce(
    (sum, [left, top, across, down]) =>
      sum + of(Math.ceil((width - left) / across), Math.ceil((height - top) / down)),
    0,
  );
}
