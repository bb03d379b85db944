import { eachSlot, gateLimit, lambda } from '../common-settings.ts';
import { defineMethod, type MethodSetting } from '../method.ts';

const constant = (symbol: string, label: string, help: string): MethodSetting => ({
  symbol,
  label,
  help,
  initial: 1,
  low: 0,
  high: gateLimit,
  step: 0.05,
  within: 'gateMax',
});

export const layerWise = defineMethod({
  id: 'layer-wise',
  title: 'Layer-wise',
  about: 'Each model layer has one gate, in equal steps from the first layer to the last.',
  formula: 'W_v + λ · c_l · τ, with one c for each model layer l from `first` to `last` in equal steps',
  source: 'the layer-wise form of AdaMerging (ICLR 2024), here with constants that are given',
  group: 'constant',
  settings: {
    first: constant('c₀', 'first', 'The gate of the first model layer.'),
    last: constant('c_L', 'last', 'The gate of the last model layer.'),
    lambda: lambda(),
  },
  gates: {
    curves: eachSlot(({ layer, lastLayer }, { first, last }) => {
      const gate = first + (last - first) * (lastLayer > 0 ? layer / lastLayer : 0);
      return () => gate;
    }),
  },
  stream: null,
});
