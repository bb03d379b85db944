/**
 * Which entries of the task vectors of VLM and reasoning model are among the largest, found without holding
 * them: two passes count magnitudes by the upper and by the lower half of their bits.
 */
import type { TensorSource } from './method.ts';

/** Asked once for each entry in storage order: does it stay? */
export type Keep = (tau: number) => boolean;

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);
/** The bits of |x|: for finite floats they rise as the magnitude does. */
function magnitude(x: number): number {
  value[0] = x;
  return (bits[0] as number) & 0x7fffffff;
}

/**
 * Of each task vector W − W_base the max(1, ⌊density · n⌋) entries of largest magnitude stay; of equal ones the
 * first in storage order.
 * @returns of the VLM's task vector and of the reasoning model's
 */
export async function keepLargest(source: TensorSource, density: number): Promise<readonly [Keep, Keep]> {
  const upper = [new Float64Array(2 ** 15), new Float64Array(2 ** 15)] as const;
  const visit = async (see: (which: 0 | 1, bits: number) => void): Promise<number> => {
    let count = 0;
    for await (const { vlm, lrm, base } of source.pieces()) {
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
