/**
 * Language models with the Llama block, one row a `model_type`: what transformers' config class (5.23) puts
 * where config.json says nothing, and what its modelling code fixes whatever config.json says.
 */

/** Where a bias is: never, always, or where this key of config.json is true (false by default). */
export type BiasRule = boolean | 'attention_bias' | 'mlp_bias';

export interface TextTypeRow {
  /** The text model by itself; null where it is only found inside others. */
  readonly architecture: string | null;
  readonly defaults: {
    readonly vocabSize: number;
    readonly hiddenSize: number;
    readonly intermediateSize: number;
    readonly layers: number;
    readonly heads: number;
    /** Null: as many as heads. */
    readonly keyValueHeads: number | null;
    /** Null: hiddenSize / heads. */
    readonly headDim: number | null;
    readonly maxPositions: number;
    readonly rmsNormEps: number;
    readonly ropeTheta: number;
    readonly bos: readonly number[];
    readonly eos: readonly number[];
  };
  readonly qkvBias: BiasRule;
  readonly outputBias: BiasRule;
  readonly mlpBias: BiasRule;
  /** RMSNorm over headDim on q and k before the rotation. */
  readonly qkNorm: boolean;
  /** `mrope_section` where config.json says none; null where a token stands at one position only. */
  readonly sections: readonly number[] | null;
  /** Its class has `use_sliding_window`. */
  readonly slidingWindow: boolean;
}

const block = { hiddenSize: 4096, layers: 32, heads: 32, rmsNormEps: 1e-6, ropeTheta: 10_000 } as const;
const qwen = {
  ...block,
  vocabSize: 151_936,
  intermediateSize: 22_016,
  keyValueHeads: 32,
  maxPositions: 32_768,
  bos: [],
  eos: [],
} as const;

const rows = {
  llama: {
    architecture: 'LlamaForCausalLM',
    defaults: {
      ...block,
      vocabSize: 32_000,
      intermediateSize: 11_008,
      keyValueHeads: null,
      headDim: null,
      maxPositions: 2048,
      bos: [1],
      eos: [2],
    },
    qkvBias: 'attention_bias',
    outputBias: 'attention_bias',
    mlpBias: 'mlp_bias',
    qkNorm: false,
    sections: null,
    slidingWindow: false,
  },
  qwen2: {
    architecture: 'Qwen2ForCausalLM',
    defaults: { ...qwen, headDim: null },
    qkvBias: true,
    outputBias: false,
    mlpBias: false,
    qkNorm: false,
    sections: null,
    slidingWindow: true,
  },
  qwen3: {
    architecture: 'Qwen3ForCausalLM',
    defaults: { ...qwen, headDim: 128 },
    qkvBias: 'attention_bias',
    outputBias: 'attention_bias',
    mlpBias: false,
    qkNorm: true,
    sections: null,
    slidingWindow: true,
  },
  /** Qwen2 inside Qwen2-VL and, under `qwen2_5_vl_text`, inside Qwen2.5-VL. */
  qwen2_vl_text: {
    architecture: null,
    defaults: {
      ...block,
      vocabSize: 152_064,
      hiddenSize: 8192,
      intermediateSize: 29_568,
      layers: 80,
      heads: 64,
      keyValueHeads: 8,
      headDim: null,
      maxPositions: 32_768,
      rmsNormEps: 1e-5,
      ropeTheta: 1e6,
      bos: [151_643],
      eos: [151_645],
    },
    qkvBias: true,
    outputBias: false,
    mlpBias: false,
    qkNorm: false,
    sections: [16, 24, 24],
    slidingWindow: true,
  },
} as const satisfies Readonly<Record<string, TextTypeRow>>;

export type TextType = keyof typeof rows;
export const textTypes: Readonly<Record<TextType, TextTypeRow>> = rows;

export const isTextType = (name: string): name is TextType => Object.hasOwn(textTypes, name);

/** The type whose text model has this architecture; null where there is none. */
export function typeOfArchitecture(architecture: string): TextType | null {
  const types = Object.keys(textTypes) as TextType[];
  return types.find((type) => textTypes[type].architecture === architecture) ?? null;
}
