/**
 * L_inject = − Σ_l ‖S_eff^(l)‖² (FRISM Eq. 9), divided by Σ_l ‖S^(l)‖² so that it lies in [−gateMax², 0]. Analytic, float64:
 * dL/dgate_i = −2 gate_i S_i² / Σ S².
 */
import type { Term } from './term.ts';

/** @param singularValues S of all slots, in gate order */
export function injectTerm(singularValues: Float32Array): Term {
  const energy = singularValues.reduce((sum, s) => sum + s * s, 0);
  return {
    name: 'inject',
    compute: async ({ gates }) => {
      const gradient = new Float32Array(gates.length);
      if (energy === 0) return { loss: 0, gradient };
      let injected = 0;
      for (let i = 0; i < gates.length; i++) {
        const gate = gates[i] as number;
        const share = (singularValues[i] as number) ** 2 / energy;
        injected += gate * gate * share;
        gradient[i] = -2 * gate * share;
      }
      return { loss: -injected, gradient };
    },
  };
}
