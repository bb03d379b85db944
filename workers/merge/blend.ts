/**
 * Two models blended without their base, one tensor at a time, in float32.
 *
 * - `linearBlend`: (1 − t) W_v + t W_lrm. BR2V (Chen et al., "Bring Reason to Vision", ICML 2025) is this
 *   with t = 1 − α over the language model.
 * - `slerp`: along the great circle between the two, [sin((1 − t)θ) W_v + sin(tθ) W_lrm] / sin θ, θ the
 *   angle between the flattened tensors (Shoemake, "Animating rotation with quaternion curves", SIGGRAPH
 *   1985). Straight where |cos θ| > 0.9995, as in mergekit.
 */
import type { ArithmeticInputs } from './arithmetic.ts';
import { mergedPieces, sourcePieces } from './sources.ts';

const straight = 0.9995;

export function linearBlend(
  inputs: ArithmeticInputs,
  t: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return weighted(inputs, 1 - t, t, signal);
}

/** @param t 0 is the VLM, 1 the reasoning model */
export async function* slerp(
  inputs: ArithmeticInputs,
  t: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let [vv, rr, vr] = [0, 0, 0];
  for await (const { vlm, lrm } of sourcePieces(inputs, signal)) {
    for (let i = 0; i < vlm.length; i++) {
      const [v, r] = [vlm[i] as number, lrm[i] as number];
      vv += v * v;
      rr += r * r;
      vr += v * r;
    }
  }
  const cosine = vv > 0 && rr > 0 ? Math.min(1, Math.max(-1, vr / Math.sqrt(vv) / Math.sqrt(rr))) : 0;
  if (Math.abs(cosine) > straight) return yield* weighted(inputs, 1 - t, t, signal);
  const angle = Math.acos(cosine);
  yield* weighted(
    inputs,
    Math.sin((1 - t) * angle) / Math.sin(angle),
    Math.sin(t * angle) / Math.sin(angle),
    signal,
  );
}

function weighted(
  inputs: ArithmeticInputs,
  a: number,
  b: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const [p, q] = [Math.fround(a), Math.fround(b)];
  return mergedPieces(
    inputs,
    ({ vlm, lrm }) => {
      for (let i = 0; i < vlm.length; i++)
        vlm[i] = Math.fround(p * (vlm[i] as number)) + Math.fround(q * (lrm[i] as number));
      return vlm;
    },
    signal,
  );
}
