/** Task arithmetic: the whole task vector, scaled. All differences and sums in float32, each rounded once. */
import { eachPiece, eachSlot, gateLimit, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const taskArithmetic = defineMethod({
  id: 'task-arithmetic',
  title: 'Task arithmetic',
  about: 'The whole change of the reasoning model is added, with the same gate everywhere.',
  formula: 'W_v + λ · g · τ, τ = W_lrm − W_base',
  source: 'Ilharco et al., ICLR 2023, anchored at the VLM',
  group: 'constant',
  settings: {
    gate: {
      symbol: 'g',
      label: 'gate',
      help: 'The gate of every subspace; it multiplies λ.',
      initial: 1,
      low: 0,
      high: gateLimit,
      step: 0.05,
      within: 'gateMax',
    },
    lambda: lambda(),
  },
  gates: {
    curves: eachSlot(
      (_slot, { gate }) =>
        () =>
          gate,
    ),
  },
  stream: {
    isNothing: ({ lambda, gate }) => lambda * gate === 0,
    merge(source, { lambda, gate }) {
      const scale = Math.fround(lambda * gate);
      return eachPiece(source.pieces(), ({ vlm, lrm, base }) => {
        for (let i = 0; i < vlm.length; i++)
          vlm[i] =
            (vlm[i] as number) + Math.fround(scale * Math.fround((lrm[i] as number) - (base[i] as number)));
        return vlm;
      });
    },
  },
});
