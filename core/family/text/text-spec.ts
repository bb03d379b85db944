/**
 * What a forward pass must know of a language model, read from its config.json. Names follow transformers'
 * config keys, in camel case. What each feature means and which values are computed: decoder-features.ts.
 */
import type { DecoderFeatures } from './decoder-features.ts';
import type { TextType } from './text-types.ts';

export interface TextSpec extends DecoderFeatures {
  readonly type: TextType;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly maxPositions: number;
  /** The output head is the embedding matrix. */
  readonly tiedEmbeddings: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** Full tensor names or prefixes of the checkpoint at hand. */
export interface TextNames {
  /** `${layers}0.self_attn.q_proj.weight` is a tensor. */
  readonly layers: string;
  readonly embedding: string;
  readonly finalNorm: string;
  /** Null when the head is tied and not stored. */
  readonly head: string | null;
}
