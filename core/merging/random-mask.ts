/**
 * Random numbers for methods that drop entries: each is a hash of seed, tensor name and index, so it depends on
 * no order, piece size or machine.
 */

/** MurmurHash3's finaliser (Appleby, public domain): every bit of the input moves every bit of the result. */
export function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over UTF-8, 32 bits. */
function nameHash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/**
 * Of element i a whole number in [0, 2³²): mix(mix(low half of i ⊕ s) ⊕ high half), with
 * s = mix(seed ⊕ FNV-1a(name)). An element is kept with probability p where it is below p · 2³².
 */
export function randomByIndex(seed: number, tensor: string): (index: number) => number {
  const start = mix((seed ^ nameHash(tensor)) >>> 0);
  return (index) => mix(mix((index % 2 ** 32) ^ start) ^ Math.floor(index / 2 ** 32));
}
