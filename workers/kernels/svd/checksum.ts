/**
 * XXH32 (Y. Collet, xxHash specification 0.1.1) of whole 32-bit words in the machine's byte order, so on
 * little-endian machines the XXH32 of their bytes. A checksum against damage, not against forgery: it runs at
 * memory speed, where a CRC by table took a tenth of a decomposition's time.
 */
const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

export function xxh32(words: Uint32Array, seed = 0): number {
  const { length } = words;
  const striped = length - (length % 4);
  let hash: number;
  if (striped > 0) {
    let a = (seed + P1 + P2) | 0;
    let b = (seed + P2) | 0;
    let c = seed | 0;
    let d = (seed - P1) | 0;
    for (let i = 0; i < striped; i += 4) {
      a = Math.imul(rotate(a + Math.imul(words[i]!, P2), 13), P1);
      b = Math.imul(rotate(b + Math.imul(words[i + 1]!, P2), 13), P1);
      c = Math.imul(rotate(c + Math.imul(words[i + 2]!, P2), 13), P1);
      d = Math.imul(rotate(d + Math.imul(words[i + 3]!, P2), 13), P1);
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  } else {
    hash = seed + P5;
  }
  hash = (hash + 4 * length) | 0;
  for (let i = striped; i < length; i++) hash = Math.imul(rotate(hash + Math.imul(words[i]!, P3), 17), P4);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
