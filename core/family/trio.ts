/** Three checkpoints as pairing sees them: names, formats and shapes, no data. */
import type { ModelSpec } from './model-spec.ts';

/** What a model is to a merge: both others were fine-tuned from `base`, `vlm` sees, `lrm` reasons. */
export type Role = (typeof roles)[number];

export const roles = ['base', 'vlm', 'lrm'] as const;

/** In the middle of a sentence. */
export const roleNames = { base: 'base model', vlm: 'VLM', lrm: 'reasoning model' } as const;

export interface PairedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface PairedModel {
  /** As the person knows it. */
  readonly label: string;
  readonly spec: ModelSpec;
  /** Parsed config.json, for comparing; absent where nothing is to be compared. */
  readonly config?: unknown;
  readonly tensors: ReadonlyMap<string, PairedTensor>;
  /** How many of its tensors are stored as codes with scales; absent where none is. */
  readonly dequantised?: number | undefined;
  /** Where it is an adapter: the tensors that it changes, with the rank of each change. */
  readonly adapted?: ReadonlyMap<string, { readonly rank: number }> | undefined;
}

export type Trio = Readonly<Record<Role, PairedModel>>;
