/**
 * TIES of VLM and reasoning model on their base (Yadav et al., "TIES-Merging", NeurIPS 2023), one tensor at a
 * time:
 *
 *     trim:   of τ_i = W_i − W_0 the max(1, ⌊d·n⌋) entries of largest magnitude stay
 *     elect:  s = sign(Σ w_i τ_i), + where the sum is 0
 *     merge:  W_0 + λ · Σ w_i m_i τ_i / Σ w_i m_i,  m_i = [sign τ_i = s];  W_0 where no m_i is 1
 *
 * As mergekit computes it (`ties`, normalised), all in float32. Which of several entries of exactly equal
 * magnitude stay is left open there; here it is the first in storage order. Reads each tensor three times,
 * and holds none of it: the threshold is found by counting.
 */
import type { ArithmeticInputs } from './arithmetic.ts';
import { mergedPieces, sourcePieces } from './sources.ts';

export interface TiesSettings {
  /** Share of each task vector's entries that stays, (0, 1]. */
  readonly density: number;
  readonly lambda: number;
  readonly vlmWeight: number;
  readonly lrmWeight: number;
}

export async function* ties(
  inputs: ArithmeticInputs,
  { density, lambda, vlmWeight, lrmWeight }: TiesSettings,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const [keepVlm, keepLrm] = density >= 1 ? [null, null] : await trims(inputs, density, signal);
  const [a, b, scale] = [Math.fround(vlmWeight), Math.fround(lrmWeight), Math.fround(lambda)];
  yield* mergedPieces(
    inputs,
    ({ vlm, lrm, base }) => {
      for (let i = 0; i < vlm.length; i++) {
        const origin = base[i] as number;
        const [seeing, reasoning] = [
          Math.fround((vlm[i] as number) - origin),
          Math.fround((lrm[i] as number) - origin),
        ];
        const x = keepVlm === null || keepVlm(seeing) ? Math.fround(a * seeing) : 0;
        const y = keepLrm === null || keepLrm(reasoning) ? Math.fround(b * reasoning) : 0;
        const positive = Math.fround(x + y) >= 0;
        const [mx, my] = [positive ? x > 0 : x < 0, positive ? y > 0 : y < 0];
        const weight = Math.fround((mx ? a : 0) + (my ? b : 0));
        const mixed = Math.fround(Math.fround((mx ? x : 0) + (my ? y : 0)) / (weight === 0 ? 1 : weight));
        vlm[i] = origin + Math.fround(mixed * scale);
      }
      return vlm;
    },
    signal,
  );
}

/** Asked once for each entry in storage order: does it stay? */
type Keep = (tau: number) => boolean;

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);
/** The bits of |x|: for finite floats they rise as the magnitude does. */
function magnitude(x: number): number {
  value[0] = x;
  return (bits[0] as number) & 0x7fffffff;
}

/** Two passes of counting, over the upper and the lower half of the bits of each magnitude. */
async function trims(
  inputs: ArithmeticInputs,
  density: number,
  signal?: AbortSignal,
): Promise<readonly [Keep, Keep]> {
  const upper = [new Float64Array(2 ** 15), new Float64Array(2 ** 15)] as const;
  const visit = async (see: (which: 0 | 1, bits: number) => void): Promise<number> => {
    let count = 0;
    for await (const { vlm, lrm, base } of sourcePieces(inputs, signal)) {
      for (let i = 0; i < base.length; i++) {
        see(0, magnitude((vlm[i] as number) - (base[i] as number)));
        see(1, magnitude((lrm[i] as number) - (base[i] as number)));
      }
      count += base.length;
    }
    return count;
  };
  const count = await visit((which, of) => increment(upper[which], of >>> 16));
  const kept = Math.max(1, Math.floor(density * count));
  const coarse = upper.map((bins) => fromTheTop(bins, kept)) as [Place, Place];
  const lower = [new Float64Array(2 ** 16), new Float64Array(2 ** 16)] as const;
  await visit((which, of) => {
    if (of >>> 16 === coarse[which].bin) increment(lower[which], of & 0xffff);
  });
  const keep = (which: 0 | 1): Keep => {
    const fine = fromTheTop(lower[which], coarse[which].left);
    const threshold = coarse[which].bin * 2 ** 16 + fine.bin;
    let { left } = fine;
    return (tau) => {
      const of = magnitude(tau);
      if (of !== threshold) return of > threshold;
      return left-- > 0;
    };
  };
  return [keep(0), keep(1)];
}

function increment(bins: Float64Array, bin: number): void {
  bins[bin] = (bins[bin] as number) + 1;
}

interface Place {
  readonly bin: number;
  /** How many of that bin are still wanted. */
  readonly left: number;
}

/** The bin in which the `wanted`-th entry from the top lies. */
function fromTheTop(bins: Float64Array, wanted: number): Place {
  let left = wanted;
  for (let bin = bins.length - 1; bin >= 0; bin--) {
    const held = bins[bin] ?? 0;
    if (left <= held) return { bin, left };
    left -= held;
  }
  return { bin: 0, left };
}
