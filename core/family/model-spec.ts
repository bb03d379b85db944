/** What a checkpoint is, by its config.json and tensor names. */
import type { VisionLanguageSpec } from './families.ts';
import type { TextNames, TextSpec } from './text/text-spec.ts';

export interface TextModelSpec {
  readonly kind: 'text';
  readonly architecture: string;
  readonly text: TextSpec;
  readonly names: TextNames;
}

/** Can be paired, decomposed, merged and exported by its tensor names, but not run. */
export interface UnknownSpec {
  readonly kind: 'unknown';
  readonly architecture: string;
  /** Why it cannot be run, a sentence for people. */
  readonly reason: string;
  /** The tensor that a known architecture needs and the files lack, where that is why. */
  readonly missing?: string | undefined;
  /** As far as they could be read without knowing the model, for the pairing report. */
  readonly hints: {
    readonly ropeTheta: number | null;
    readonly heads: number | null;
    readonly keyValueHeads: number | null;
  };
}

export type ModelSpec = TextModelSpec | VisionLanguageSpec | UnknownSpec;
