import { eachSlot, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const isoC = defineMethod({
  id: 'iso-c',
  title: 'Isotropic (Iso-C)',
  about: 'Every direction of a matrix injects the mean singular value.',
  formula: 'W_v + λ · mean(S) · U Vᵀ',
  source: 'Iso-C of one task vector: Marczak et al., ICML 2025 (arXiv 2502.04959)',
  group: 'reshaped',
  settings: { lambda: lambda() },
  gates: {
    curves: eachSlot(({ singularValues }) => {
      const mean = singularValues.reduce((sum, sigma) => sum + sigma, 0) / singularValues.length;
      // A direction with σ = 0 has no gain to give.
      return (sigma) => (sigma > 0 ? mean / sigma : 0);
    }),
  },
  stream: null,
});
