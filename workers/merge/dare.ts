/**
 * DARE of the reasoning model, anchored at the VLM (Yu et al., "Language Models are Super Mario", ICML 2024):
 * entries of τ = W_lrm − W_base are dropped at random and the rest scaled up, W_v + λ · c · m ⊙ τ with m
 * Bernoulli(d).
 *
 * The paper's c is 1/d, so that the expectation is τ. mergekit's `rescale` makes the sum of magnitudes what
 * it was, c = ‖τ‖₁ / ‖m ⊙ τ‖₁, tensor by tensor: `l1` here. Both in float32. Whether an entry stays is a hash
 * of seed, tensor name and index (below): it depends on no order, piece size or machine.
 */
import type { ArithmeticInputs } from './arithmetic.ts';
import { mergedPieces, sourcePieces } from './sources.ts';

export interface DareSettings {
  /** Probability that an entry stays, (0, 1]. */
  readonly density: number;
  readonly lambda: number;
  /** Whole, [0, 2³²). */
  readonly seed: number;
  readonly rescale: 'expectation' | 'l1';
}

/** mergekit leaves a tensor unscaled below this. */
const tiny = 1e-7;

export async function* dare(
  inputs: ArithmeticInputs,
  { density, lambda, seed, rescale }: DareSettings,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const keeps = keeper(seed, inputs.vlm.tensor, density);
  const scale =
    density >= 1 ? 1 : rescale === 'expectation' ? 1 / density : await l1Scale(inputs, keeps, signal);
  const [c, strength] = [Math.fround(scale), Math.fround(lambda)];
  yield* mergedPieces(
    inputs,
    ({ at, vlm, lrm, base }) => {
      for (let i = 0; i < vlm.length; i++) {
        if (keeps(at + i))
          vlm[i] =
            (vlm[i] as number) +
            Math.fround(strength * Math.fround(c * Math.fround((lrm[i] as number) - (base[i] as number))));
      }
      return vlm;
    },
    signal,
  );
}

async function l1Scale(
  inputs: ArithmeticInputs,
  keeps: (index: number) => boolean,
  signal?: AbortSignal,
): Promise<number> {
  let [before, after] = [0, 0];
  for await (const { at, lrm, base } of sourcePieces(inputs, signal)) {
    for (let i = 0; i < base.length; i++) {
      const size = Math.abs(Math.fround((lrm[i] as number) - (base[i] as number)));
      before += size;
      if (keeps(at + i)) after += size;
    }
  }
  return before < tiny || after < tiny ? 1 : before / after;
}

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
 * Entry i stays where mix(mix(low half of i ⊕ s) ⊕ high half) < d · 2³², with s = mix(seed ⊕ FNV-1a(name)).
 */
export function keeper(seed: number, tensor: string, density: number): (index: number) => boolean {
  const start = mix((seed ^ nameHash(tensor)) >>> 0);
  const limit = density * 2 ** 32;
  return (index) => mix(mix((index % 2 ** 32) ^ start) ^ Math.floor(index / 2 ** 32)) < limit;
}
