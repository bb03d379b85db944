import { directions, eachSlot, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const selectiveRlDirect = defineMethod({
  id: 'selective-rl-direct',
  title: 'Selective-RL, direct form',
  about: 'The leading directions alone stay, with the Frobenius norm of the whole change restored.',
  formula: 'W_v + λ · ‖S‖/‖S_k‖ · U_k diag(S_k) V_kᵀ',
  source: 'Selective-RL, arXiv 2610.08659 (k = 1, λ = 0.05 there), its direct variant',
  group: 'part',
  settings: { k: directions(1), lambda: lambda(0.05) },
  gates: {
    // g = (Σ_{j<k} S_j² / Σ S_j²)^(−1/2) for i < k, 0 after.
    curves: eachSlot(({ singularValues }, { k }) => {
      const kept = Math.min(singularValues.length, Math.max(1, Math.round(k)));
      let [leading, total] = [0, 0];
      singularValues.forEach((sigma, i) => {
        total += sigma * sigma;
        if (i < kept) leading += sigma * sigma;
      });
      const gate = leading > 0 ? Math.sqrt(total / leading) : 0;
      return (_sigma, i) => (i < kept ? gate : 0);
    }),
  },
  stream: null,
});
