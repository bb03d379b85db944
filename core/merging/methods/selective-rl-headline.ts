/**
 * Selective-RL in its headline form: the VLM moves towards the base by λ, and the strongest direction of the
 * reasoning model's change is added with the norm of the whole change. The direct form, which is a gate curve and
 * leaves the base out, is `selective-rl-direct`.
 *
 * Reads each tensor twice, and holds the change of one tensor in float32 to find its strongest direction. Sums are
 * in float64 and rounded to float32 once.
 */
import { eachPiece, lambda } from '../common-settings.ts';
import { leadingDirection } from '../leading-direction.ts';
import { defineMethod, type TensorSource } from '../method.ts';

export const selectiveRlHeadline = defineMethod({
  id: 'selective-rl-headline',
  title: 'Selective-RL, headline form',
  about:
    'The VLM moves towards the base, and the strongest direction of the change is added with the norm of the whole change.',
  formula: 'W_v + λ · (W_base − W_v) + λ · ‖τ‖ · u₁ v₁ᵀ, u₁ and v₁ the leading singular vectors of τ',
  source: 'Selective-RL, arXiv 2610.08659 (λ = 0.05 there), its headline form',
  group: 'blended',
  settings: { lambda: lambda(0.05) },
  gates: null,
  stream: {
    isNothing: ({ lambda }) => lambda === 0,
    async *merge(source, { lambda }) {
      const tau = await wholeChange(source);
      const { u, v } = leadingDirection(tau, source.columns, source.name);
      const norm = Math.sqrt(tau.reduce((sum, value) => sum + value * value, 0));
      const { columns } = source;
      yield* eachPiece(source.pieces(), ({ at, vlm, base }) => {
        for (let i = 0; i < vlm.length; i++) {
          const [row, column] = [Math.floor((at + i) / columns), (at + i) % columns];
          const own = vlm[i] as number;
          const added = norm * (u[row] ?? 0) * (v[column] ?? 0);
          vlm[i] = own + lambda * ((base[i] as number) - own + added);
        }
        return vlm;
      });
    },
  },
});

/** τ of one tensor, float32. */
async function wholeChange(source: TensorSource): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let length = 0;
  for await (const { lrm, base } of source.pieces()) {
    parts.push(lrm.map((value, i) => value - (base[i] as number)));
    length += lrm.length;
  }
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const tau = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    tau.set(part, at);
    at += part.length;
  }
  return tau;
}
