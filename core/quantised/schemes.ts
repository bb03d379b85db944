/**
 * Ways to store weights as codes of few bits, as published checkpoints have them, and what gives each of them
 * away. Only FP8 with scales is computed (plan.ts); every other one is refused by its name.
 */

export interface Scheme {
  /** Completes "… is quantised with …". */
  readonly name: string;
  /** Tensors that only this way of storing has. */
  readonly marks: RegExp;
  /** The marks count only on tensors of integers: other models have tensors of these names too. */
  readonly integersOnly?: boolean;
  /** `quant_method` of its `quantization_config`. */
  readonly methods: readonly string[];
  /** What to do, where there is more to say than for all. */
  readonly remedy?: string;
}

const dequantiseWith = (how: string): string =>
  `Open the unquantised model that it was made from, or load it with transformers, ${how}, and save it with save_pretrained.`;

export const generalRemedy = dequantiseWith('call model.dequantize() where its quantiser has that');

export const schemes: readonly Scheme[] = [
  {
    name: '8-bit integers of bitsandbytes',
    marks: /\.(?:SCB|weight_format)$/,
    methods: ['bitsandbytes', 'bitsandbytes_8bit'],
    remedy: dequantiseWith('call model.dequantize()'),
  },
  {
    name: '4-bit codes of bitsandbytes (NF4 or FP4)',
    marks: /\.(?:absmax|quant_map|nested_absmax|nested_quant_map|quant_state\.[a-z0-9_]+)$/,
    methods: ['bitsandbytes_4bit'],
    remedy: dequantiseWith('call model.dequantize()'),
  },
  { name: 'GPTQ or AWQ', marks: /\.(?:qweight|qzeros|g_idx)$/, methods: ['gptq', 'awq', 'auto-round'] },
  {
    name: 'MXFP4',
    marks: /_blocks$/,
    integersOnly: true,
    methods: ['mxfp4'],
    remedy: dequantiseWith('with Mxfp4Config(dequantize=True)'),
  },
  {
    name: 'integer or packed codes of compressed-tensors',
    marks: /\.weight_(?:packed|shape|zero_point|global_scale|g_idx)$/,
    methods: ['compressed-tensors'],
    remedy: dequantiseWith('with CompressedTensorsConfig(run_compressed=False)'),
  },
  {
    name: 'sparse weights of compressed-tensors',
    marks: /\.(?:compressed|bitmask|row_offsets)$/,
    methods: [],
    remedy: dequantiseWith('with CompressedTensorsConfig(run_compressed=False)'),
  },
  { name: "NVFP4 of NVIDIA's ModelOpt", marks: /\.weight_scale_2$/, methods: ['modelopt', 'nvfp4'] },
  { name: 'AQLM', marks: /\.codes$/, integersOnly: true, methods: ['aqlm'] },
  { name: 'VPTQ', marks: /\.(?:res_|outlier_)?centroids\.weight$/, methods: ['vptq'] },
  { name: 'HQQ', marks: /\.W_q$/, methods: ['hqq'] },
  {
    name: 'quanto',
    marks: /\.weight(?:_qmodule)?\._(?:data|scale|shift|packed)(?:\._data)?$/,
    methods: ['quanto'],
  },
  { name: 'EETQ', marks: /\.weight_scales$/, methods: ['eetq'] },
  { name: 'SpQR', marks: /\.(?:dense_weights|col_vals)$/, methods: ['spqr'] },
  { name: 'FP-Quant', marks: /\.(?:forward|backward)_hadamard_matrix$/, methods: ['fp_quant', 'higgs'] },
  {
    name: 'torchao',
    marks: /(?::|_weight_)(?:tensor_data|qdata|scale|zero_point)$/,
    methods: ['torchao'],
  },
  { name: 'scaled FP8 of ComfyUI', marks: /(?:\.scale_weight|^scaled_fp8)$/, methods: [] },
  {
    name: 'MLX',
    marks: /\.biases$/,
    methods: ['mlx'],
    remedy:
      'Open the model that it was made from, or dequantise it with mlx_lm.convert and its option --dequantize.',
  },
];

/** The way that a `quant_method` names; null where it is not one of the list. */
export const schemeOf = (method: string): Scheme | null =>
  schemes.find(({ methods }) => methods.includes(method)) ?? null;

/**
 * Tables, masks and counters that are integers in models that are not quantised. It is read from the end, because
 * from each beginning it could go through all of a long name.
 */
export const plainIntegers =
  /$(?<=(?:^|[._])(?:position_ids?|position_index|relative_[a-z_]+|num_batches_tracked|token_type_ids|[a-z]*mask|[a-z]*indices|attn\.bias|attention\.bias|masked_bias|steps?|version))/;

/** What runtimes take to quantise activations and caches with; weights do not depend on it. */
export const activationScales =
  /\.(?:(?:input|activation|output|[qkv])_scale|(?:input|output)_zero_point|input_global_scale)$/;
