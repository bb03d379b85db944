/**
 * SLERP: along the great circle between VLM and reasoning model, each tensor seen as one vector, without their
 * base. The angle is summed in float64, the blend is in float32.
 */
import { defineMethod, type TensorSource } from '../method.ts';
import { weighted } from '../weighted.ts';

/** mergekit goes straight where the cosine is beyond this. */
const straight = 0.9995;

export const slerp = defineMethod({
  id: 'slerp',
  title: 'SLERP',
  about: 'Each tensor moves along the great circle from the VLM to the reasoning model.',
  formula:
    '[sin((1 − t)θ) W_v + sin(tθ) W_lrm] / sin θ, θ the angle between the two tensors; straight where |cos θ| > 0.9995',
  source: 'Shoemake, 1985; as mergekit’s `slerp`',
  group: 'blended',
  settings: {
    t: {
      symbol: 't',
      label: 'position',
      help: 'The position between the two models: 0 is the VLM, 1 the reasoning model.',
      initial: 0.1,
      low: 0,
      high: 1,
      step: 0.05,
    },
  },
  gates: null,
  stream: {
    isNothing: ({ t }) => t === 0,
    async *merge(source, { t }) {
      const cosine = await cosineOf(source);
      if (Math.abs(cosine) > straight) return yield* weighted(source, 1 - t, t);
      const angle = Math.acos(cosine);
      const along = (share: number) => Math.sin(share * angle) / Math.sin(angle);
      yield* weighted(source, along(1 - t), along(t));
    },
  },
});

async function cosineOf(source: TensorSource): Promise<number> {
  let [vv, rr, vr] = [0, 0, 0];
  for await (const { vlm, lrm } of source.pieces()) {
    for (let i = 0; i < vlm.length; i++) {
      const [v, r] = [vlm[i] as number, lrm[i] as number];
      vv += v * v;
      rr += r * r;
      vr += v * r;
    }
  }
  return vv > 0 && rr > 0 ? Math.min(1, Math.max(-1, vr / Math.sqrt(vv) / Math.sqrt(rr))) : 0;
}
