import { lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const level = defineMethod({
  id: 'level',
  title: 'Level each layer',
  about:
    'Each model layer has one gate that injects the energy of its gates now: FRISM without its subspaces.',
  formula: 'W_v + λ · c_l · τ, with c_l = √( Σ (gate_i S_i)² / Σ S_i² ) over the matrices of model layer l',
  source: 'an ablation of this project: λ by layer, and nothing within a layer',
  group: 'constant',
  settings: { lambda: lambda() },
  gates: {
    startsFromGates: true,
    curves(slots, _values, energies) {
      const sums = new Map<number, { injected: number; available: number }>();
      slots.forEach(({ layer }, s) => {
        const sum = sums.get(layer) ?? { injected: 0, available: 0 };
        sum.injected += energies[s]?.injected ?? 0;
        sum.available += energies[s]?.available ?? 0;
        sums.set(layer, sum);
      });
      return slots.map(({ layer }) => {
        const { injected, available } = sums.get(layer) ?? { injected: 0, available: 0 };
        const gate = available > 0 ? Math.sqrt(injected / available) : 0;
        return () => gate;
      });
    },
  },
  stream: null,
});
