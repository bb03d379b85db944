import { eachSlot, lambda } from '../common-settings.ts';
import { defineMethod } from '../method.ts';

export const aboveNoise = defineMethod({
  id: 'above-noise',
  title: 'Above the noise edge',
  about: 'The subspaces whose singular value exceeds the Marchenko-Pastur edge of their matrix stay.',
  formula: 'W_v + λ · Σ S_i u_i v_iᵀ over S_i above the Marchenko-Pastur edge of its matrix',
  source: 'edge by the median of the spectrum: Gavish and Donoho, 2014 (docs/method.md)',
  group: 'part',
  settings: { lambda: lambda() },
  gates: {
    curves: eachSlot(
      ({ noiseEdge }) =>
        (sigma) =>
          sigma > noiseEdge ? 1 : 0,
    ),
  },
  stream: null,
});
