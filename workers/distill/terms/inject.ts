/**
 * L_inject = − Σ_l ‖S_eff^(l)‖² (FRISM Eq. 9), divided by Σ_l ‖S^(l)‖² over all layers that can be merged, open or
 * not, so that it lies in [−gateMax², 0] and α means the same whichever layers are open. Analytic, float64: dL/dgate_i = −2 gate_i E_i / Σ E, with E_i = S_i², or Σ_{j ≥ k} S_j² for the gate of a
 * tail.
 */
import type { Term, TermMaker } from './term.ts';

export const inject: TermMaker = {
  lacks: () => null,
  make: async ({ energies, outsideEnergy }) => injectTerm(energies, outsideEnergy),
};

/**
 * @param energies E of all gates, in gate order
 * @param outside Σ ‖S‖² of the layers that could be merged and are not open
 */
export function injectTerm(energies: Float64Array, outside = 0): Term {
  const energy = energies.reduce((sum, each) => sum + each, 0) + outside;
  return {
    id: 'inject',
    compute: async ({ gates }) => {
      const gradient = new Float32Array(gates.length);
      if (energy === 0) return { loss: 0, gradient };
      let injected = 0;
      for (let i = 0; i < gates.length; i++) {
        const gate = gates[i] as number;
        const share = (energies[i] as number) / energy;
        injected += gate * gate * share;
        gradient[i] = -2 * gate * share;
      }
      return { loss: -injected, gradient };
    },
    skip: async () => undefined,
  };
}
