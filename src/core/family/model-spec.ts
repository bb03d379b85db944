/** What a forward pass must know of a model, read from its config.json. Names follow transformers' config keys, in camel case. */
export interface TextSpec {
  readonly family: 'llama' | 'qwen2' | 'qwen3';
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
  /** q, k and v have biases. */
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** RMSNorm over headDim on q and k before RoPE (Qwen3). */
  readonly qkNorm: boolean;
  readonly activation: 'silu';
  /** The output head is the embedding matrix. */
  readonly tiedEmbeddings: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** SigLIP-like tower of Idefics3 and SmolVLM: square image, patch convolution, LayerNorm before each block and after the last. */
export interface VisionSpec {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly channels: number;
  /** Pixels a side. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly layerNormEps: number;
  readonly activation: 'gelu_pytorch_tanh';
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

export interface VisionNames {
  /** `${vision}embeddings.patch_embedding.weight` is a tensor. */
  readonly vision: string;
  /** The one linear layer of the connector, its weight. */
  readonly connector: string;
}

export interface TextModelSpec {
  readonly kind: 'text';
  readonly architecture: string;
  readonly text: TextSpec;
  readonly names: TextNames;
}

export interface VisionLanguageSpec {
  readonly kind: 'vlm';
  readonly architecture: string;
  readonly text: TextSpec;
  readonly vision: VisionSpec;
  /** Pixel shuffle of the connector: scaleFactor² patches become one image token. */
  readonly scaleFactor: number;
  /** (imageSize / patchSize / scaleFactor)². */
  readonly tokensPerImage: number;
  readonly imageTokenId: number;
  readonly names: TextNames & VisionNames;
}

/** Can be paired, decomposed, merged and exported by its tensor names, but not run. */
export interface UnknownSpec {
  readonly kind: 'unknown';
  readonly architecture: string;
  /** Why it cannot be run, a sentence for people. */
  readonly reason: string;
  /** As far as they could be read without knowing the model, for the pairing report. */
  readonly hints: { readonly ropeTheta: number | null; readonly heads: number | null; readonly keyValueHeads: number | null };
}

export type ModelSpec = TextModelSpec | VisionLanguageSpec | UnknownSpec;
