/** Bits of a JPEG's entropy-coded data (ITU T.81, B.1.1.5 and F.2.2), read and written. */

/** A Huffman table by the next 16 bits: length of the code × 256 + its symbol; 0 for bits that begin no code. */
export type HuffmanTable = Uint16Array;

/** @param counts 16 numbers of codes by length @param symbols in the order of the codes (annex C) */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(65_536);
  let [code, at] = [0, 0];
  for (let length = 1; length <= 16; length++, code <<= 1)
    for (let i = 0; i < (counts[length - 1] ?? 0); i++, code++) {
      const from = code << (16 - length);
      if (from >= table.length) throw new Error('it has a Huffman table that cannot be');
      table.fill((length << 8) | (symbols[at++] ?? 0), from, from + (1 << (16 - length)));
    }
  return table;
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #buffer = 0;
  #held = 0;
  /** Bits in the buffer that no byte stands for: a marker was reached. */
  #beyond = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next n bits, 0 to 16, most significant first. */
  read(n: number): number {
    const value = this.#peek(n);
    this.#held -= n;
    if (this.#held < this.#beyond) throw new Error('it ends in the middle');
    return value;
  }

  /** Length of the next code × 256 + its symbol; the code itself is still to be read. */
  code(table: HuffmanTable): number {
    const found = table[this.#peek(16)] as number;
    if (found === 0) throw new Error('it holds a code that cannot be');
    return found;
  }

  /** Leaves what fills the last byte, and steps over a restart marker. @returns the marker's second byte */
  restart(): number {
    this.#buffer = this.#held = this.#beyond = 0;
    const marker = this.#bytes[this.#at + 1] ?? 0;
    if (this.#bytes[this.#at] !== 0xff || marker < 0xd0 || marker > 0xd7)
      throw new Error('a restart marker is missing');
    this.#at += 2;
    return marker;
  }

  #peek(n: number): number {
    while (this.#held < n) {
      const byte = this.#bytes[this.#at];
      const isMarker = byte === 0xff && this.#bytes[this.#at + 1] !== 0;
      if (byte === undefined || isMarker) this.#beyond += 8;
      else this.#at += byte === 0xff ? 2 : 1;
      this.#buffer = ((this.#buffer << 8) | (byte === undefined || isMarker ? 0 : byte)) >>> 0;
      this.#held += 8;
    }
    return (this.#buffer >>> (this.#held - n)) & ((1 << n) - 1);
  }
}

export class BitWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #buffer = 0;
  #held = 0;

  /** Up to 16 bits, most significant first. */
  write(value: number, n: number): void {
    this.#buffer = ((this.#buffer << n) | value) & 0xff_ffff;
    this.#held += n;
    while (this.#held >= 8) {
      const byte = (this.#buffer >>> (this.#held - 8)) & 255;
      this.#push(byte);
      if (byte === 255) this.#push(0);
      this.#held -= 8;
    }
  }

  /** Fills the last byte with ones, and writes bytes as they are behind it. */
  raw(bytes: Uint8Array | readonly number[]): void {
    if (this.#held > 0) this.write((1 << (8 - this.#held)) - 1, 8 - this.#held);
    for (const byte of bytes) this.#push(byte);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
