/** Shapes of published models, from their config.json. Nothing of the models themselves is needed. */
import type { LinearKind } from '../src/protocol/session.ts';

export interface LinearShape {
  readonly layer: number;
  readonly kind: LinearKind;
  /** [out, in] */
  readonly shape: readonly [number, number];
}

/** SmolLM2-135M: 30 layers, width 576, MLP 1536, 9 heads of 64 of which 3 for keys and values; 210 matrices, 97,920 subspaces. */
export const smolLm2: readonly LinearShape[] = Array.from({ length: 30 }, (_, layer) =>
  (
    [
      ['q', [576, 576]],
      ['k', [192, 576]],
      ['v', [192, 576]],
      ['o', [576, 576]],
      ['gate', [1536, 576]],
      ['up', [1536, 576]],
      ['down', [576, 1536]],
    ] as const
  ).map(([kind, shape]) => ({ layer, kind, shape })),
).flat();
