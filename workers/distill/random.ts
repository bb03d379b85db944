/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), its state filled by splitmix32. The same seed and stream give the same numbers on every
 * machine.
 */
import { termRows, type TermId } from '../../core/objective/terms.ts';

export interface Random {
  /** Uniform in [0, 2³²). */
  next(): number;
  /** Uniform in [0, bound), without modulo bias. */
  below(bound: number): number;
}

const rotateLeft = (x: number, k: number) => (x << k) | (x >>> (32 - k));

export function xoshiro128(state: Uint32Array<ArrayBuffer>): Random {
  const s = Uint32Array.from(state);
  const next = () => {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const a = s2 ^ s0;
    const b = s3 ^ s1;
    s[1] = s1 ^ a;
    s[0] = s0 ^ b;
    s[2] = a ^ (s1 << 9);
    s[3] = rotateLeft(b, 11);
    return result;
  };
  const below = (bound: number) => {
    const fair = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = next();
      if (drawn < fair) return drawn % bound;
    }
  };
  return { next, below };
}

/** Independent numbers for each `stream` of one seed. */
export function seededRandom(seed: number, stream: number): Random {
  let x = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) | 0;
  const splitmix = () => {
    x = (x + 0x9e3779b9) | 0;
    let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return xoshiro128(Uint32Array.from({ length: 4 }, splitmix));
}

/**
 * The numbers that a term draws its batches by. Each term with lessons has a stream of its own, by its place
 * among them, so the order of their rows must not change: another order would make other runs of old seeds.
 */
export function termRandom(seed: number, id: TermId): Random {
  const taught = termRows.filter(([, { lessons }]) => lessons !== null).map(([other]) => other);
  return seededRandom(seed, taught.indexOf(id));
}

/** Indices 0 … count − 1 in shuffled order, epoch after epoch. */
export function createSampler(count: number, random: Random): (wanted: number) => number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  let taken = count;
  const shuffle = () => {
    for (let i = count - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    taken = 0;
  };
  return (wanted) =>
    Array.from({ length: wanted }, () => {
      if (taken >= count) shuffle();
      return order[taken++] as number;
    });
}
