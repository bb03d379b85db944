/**
 * What a forward pass must know of a model, read from its config.json. Names follow transformers' config
 * keys, in camel case.
 */
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
  /**
   * Longer texts would need other rotary frequencies (dynamic scaling, as in InternVL3), which are not
   * computed; null for any length.
   */
  readonly plainPositions: number | null;
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

export type Activation = 'gelu' | 'gelu_pytorch_tanh' | 'quick_gelu';

/**
 * A vision transformer over the square patches of a square image, with a norm before each attention and MLP.
 * `siglip`: no class token (also Idefics3's and SmolVLM's tower). `clip`: a class token and a norm before the
 * first block. `internvit`: a class token, and a learned scale on what each attention and MLP adds.
 */
export interface VisionSpec {
  readonly tower: 'siglip' | 'clip' | 'internvit';
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly channels: number;
  /** Pixels a side. What is left over after whole patches is not looked at. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly layerNormEps: number;
  readonly activation: Activation;
  readonly norm: 'layer' | 'rms';
  /** Biases of q, k and v; the other linear layers always have theirs. */
  readonly attentionBias: boolean;
  /** RMSNorm over the whole width of queries and keys. */
  readonly queryKeyNorm: boolean;
  readonly learnedPositions: boolean;
}

/** Which of a tower's states become features. */
export interface FeatureSpec {
  /** States after that many blocks (0: before the first), laid side by side. */
  readonly layers: readonly number[];
  /** Through the tower's last norm. */
  readonly finalNorm: boolean;
  /**
   * Without the first row, which is CLIP's and InternViT's class token (and a patch where the tower is
   * SigLIP: transformers does the same).
   */
  readonly dropFirst: boolean;
}

export type ConnectorSpec =
  /** factor² neighbouring rows side by side, one linear layer without bias. */
  | { readonly kind: 'pixel-shuffle'; readonly factor: number }
  /** Linear, activation, linear. */
  | { readonly kind: 'mlp'; readonly activation: Activation; readonly bias: boolean }
  /** Pixel shuffle, LayerNorm, linear, activation, linear. */
  | { readonly kind: 'shuffle-mlp'; readonly factor: number; readonly activation: Activation };

/** How LLaVA-OneVision covers an image of any shape with tiles. */
export interface AnyResolutionSpec {
  /** Sizes [height, width] in pixels that an image may be fitted into, multiples of the tower's. */
  readonly sizes: readonly (readonly [number, number])[];
  /** Features of more than this many tiles are scaled down (`anyres_max_9`). */
  readonly maxTiles: number;
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
  /** `${vision}embeddings.…` and `${vision}encoder.…` are the tower's tensors. */
  readonly vision: string;
  /** `${connector}linear_1.weight` or, in Idefics3, `${connector}modality_projection.proj.weight`. */
  readonly connector: string;
  /** LLaVA-OneVision's end of a row of tiles. */
  readonly newline: string | null;
}

export interface TextModelSpec {
  readonly kind: 'text';
  readonly architecture: string;
  readonly text: TextSpec;
  readonly names: TextNames;
}

export interface VisionLanguageSpec {
  readonly kind: 'vlm';
  readonly family: 'idefics3' | 'llava' | 'llava-onevision' | 'internvl';
  readonly architecture: string;
  readonly text: TextSpec;
  readonly vision: VisionSpec;
  readonly features: FeatureSpec;
  readonly connector: ConnectorSpec;
  /** Rows of features that the connector gives for one input of the tower. */
  readonly tokensPerTile: number;
  /** LLaVA-OneVision only. */
  readonly anyResolution: AnyResolutionSpec | null;
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
  readonly hints: {
    readonly ropeTheta: number | null;
    readonly heads: number | null;
    readonly keyValueHeads: number | null;
  };
}

export type ModelSpec = TextModelSpec | VisionLanguageSpec | UnknownSpec;
