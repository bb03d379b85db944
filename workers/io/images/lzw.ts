/** The variable-length-code LZW of GIF (89a specification, appendix F). */

const mostCodes = 4096;

/**
 * @param codeBits bits of an uncompressed value, 2 to 8 (1 is taken as Pillow takes it)
 * @param length values that are expected; what comes beyond is not unpacked
 * Throws where the data ends before, or holds a code that cannot be.
 */
export function unpackLzw(data: Uint8Array, codeBits: number, length: number): Uint8Array {
  if (codeBits < 1 || codeBits > 8) throw new Error(`it has codes of ${codeBits} bits`);
  const clear = 1 << codeBits;
  const end = clear + 1;
  const prefix = new Uint16Array(mostCodes);
  const suffix = new Uint8Array(mostCodes);
  const lengths = new Uint16Array(mostCodes).fill(1);
  for (let i = 0; i < clear; i++) suffix[i] = i;
  const out = new Uint8Array(length);
  let [filled, next, bits, previous] = [0, end + 1, codeBits + 1, -1];
  let [buffer, held, at] = [0, 0, 0];
  while (filled < length) {
    while (held < bits) {
      if (at === data.length) throw new Error('it ends in the middle');
      buffer |= (data[at++] as number) << held;
      held += 8;
    }
    const code = buffer & ((1 << bits) - 1);
    buffer >>>= bits;
    held -= bits;
    if (code === clear) {
      [next, bits, previous] = [end + 1, codeBits + 1, -1];
      continue;
    }
    if (code === end) throw new Error('it ends in the middle');
    if (code > next || (code === next && previous < 0) || (previous < 0 && code > clear))
      throw new Error('it holds a code that cannot be');
    // The string of a code that is just being made is the one before with its own first value behind it.
    const known = code < next ? code : previous;
    const size = (lengths[known] as number) + (code < next ? 0 : 1);
    let first = known;
    let to = filled + (lengths[known] as number) - 1;
    for (; first >= clear; first = prefix[first] as number) {
      if (to < length) out[to] = suffix[first] as number;
      to--;
    }
    if (to < length) out[to] = first;
    if (code >= next && filled + size - 1 < length) out[filled + size - 1] = first;
    filled += size;
    if (previous >= 0 && next < mostCodes) {
      prefix[next] = previous;
      suffix[next] = first;
      lengths[next] = (lengths[previous] as number) + 1;
      next++;
      if (next === 1 << bits && bits < 12) bits++;
    }
    previous = code;
  }
  return out;
}
