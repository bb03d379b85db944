/** What methods share that keep some entries of τ = W_lrm − W_base and scale them: the sum, and mergekit's scale. */
import { eachPiece } from './common-settings.ts';
import type { TensorPiece, TensorSource } from './method.ts';
import { randomByIndex } from './random-mask.ts';

/** Of a piece, by index within it: does the entry stay? The same whenever it is asked. */
export type Mask = (piece: TensorPiece) => (i: number) => boolean;

/** m of Bernoulli(d): each entry stays with probability `density`, whatever it is. */
export function bernoulli({ name }: TensorSource, density: number, seed: number): Mask {
  const random = randomByIndex(seed, name);
  const limit = density * 2 ** 32;
  return ({ at }) =>
    (i) =>
      random(at + i) < limit;
}

/** mergekit leaves a tensor unscaled below this. */
const tiny = 1e-7;

/** W_v + λ · c · m ⊙ τ, each operation rounded to float32 once. */
export function addMasked(
  source: TensorSource,
  mask: Mask,
  scale: number,
  lambda: number,
): AsyncGenerator<Float32Array<ArrayBuffer>, void, undefined> {
  const [c, strength] = [Math.fround(scale), Math.fround(lambda)];
  return eachPiece(source.pieces(), (piece) => {
    const { vlm, lrm, base } = piece;
    const keeps = mask(piece);
    for (let i = 0; i < vlm.length; i++) {
      if (keeps(i))
        vlm[i] =
          (vlm[i] as number) +
          Math.fround(strength * Math.fround(c * Math.fround((lrm[i] as number) - (base[i] as number))));
    }
    return vlm;
  });
}

/** ‖τ‖₁ / ‖m ⊙ τ‖₁ of one tensor; 1 where either is nearly nothing. */
export async function l1Scale(source: TensorSource, mask: Mask): Promise<number> {
  let [before, after] = [0, 0];
  for await (const piece of source.pieces()) {
    const { lrm, base } = piece;
    const keeps = mask(piece);
    for (let i = 0; i < base.length; i++) {
      const size = Math.abs(Math.fround((lrm[i] as number) - (base[i] as number)));
      before += size;
      if (keeps(i)) after += size;
    }
  }
  return before < tiny || after < tiny ? 1 : before / after;
}
