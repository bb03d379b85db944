/**
 * What the names of a LoRA adapter's tensors say, as peft writes them (peft/utils/save_and_load.py). Every
 * name is sorted into one of the kinds that are used, or refused with what it is.
 */
import { StudioError } from '../errors.ts';
import { mergeFirst } from './adapter-config.ts';

export interface AdapterTensors {
  /** Modules with factors, and the names of these in the file; null where one is missing. */
  readonly factors: readonly FactorNames[];
  /** Tensors that take the place of one of the base: modules_to_save, biases, embeddings saved along. */
  readonly whole: readonly Replacement[];
  /** Rows that take the place of rows of an embedding (trainable_token_indices). */
  readonly rows: readonly Replacement[];
}

export interface FactorNames {
  /** As peft names it, without what peft puts before it: `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  readonly a: string | null;
  readonly b: string | null;
  /** Of an embedding: A is [rank, rows], B [columns, rank]. */
  readonly embedding: boolean;
}

export interface Replacement {
  readonly tensor: string;
  /** The tensor of the base model that it belongs to, as peft names it. */
  readonly name: string;
}

/** Names that other writers and other kinds of adapters use, and what to do with them. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [
    /^lora_(?:unet|te\d?|transformer)_|^(?:unet|text_encoder(?:_2)?|transformer)\./,
    'is a name of LoRA for image generation (kohya, diffusers). Such an adapter belongs to no language model.',
  ],
  [
    /\.lora_[ab]$|\.lora_[ab]\./,
    'is a name of an adapter of mlx-lm, whose factors are stored transposed. Write it into its model with mlx_lm.fuse, and open the result.',
  ],
  [
    /lora_(?:up|down)\b|\.alpha$/,
    `is a name of kohya’s scripts, not of peft. Convert the adapter to peft’s names.`,
  ],
  [/lora_magnitude_vector/, `belongs to DoRA, which rescales the base weights as well. ${mergeFirst}`],
  [/\.lora_B(?:\.default)?\.bias$/, `is a bias of a LoRA factor. ${mergeFirst}`],
  [
    /\blora_(?:embedding_)?[AB]\.[^.]+(?:\.weight)?$/,
    `belongs to a second adapter in the same file. Save one adapter alone.`,
  ],
  [
    /hada_w|lokr_w|ia3_l|vera_|oft_|boft_|vblora_|randlora_|ln_tuning_/,
    `belongs to an adapter that is no LoRA. ${mergeFirst}`,
  ],
];

/** What peft puts before the names of modules. */
export const peftPrefix = 'base_model.model.';

/** Throws `unsupported` or `bad-file` for the first name that is none of them. */
export function sortAdapterTensors(names: Iterable<string>, file: string): AdapterTensors {
  const factors = new Map<string, { a: string | null; b: string | null; embedding: boolean }>();
  const whole = new Map<string, Replacement>();
  const rows = new Map<string, Replacement>();
  const refuse = (code: 'unsupported' | 'bad-file', tensor: string, what: string): never => {
    throw new StudioError(code, `${file}: ${tensor} ${what}`, { details: { file, tensor } });
  };
  const once = (map: Map<string, Replacement>, tensor: string, name: string): void => {
    const other = map.get(name);
    if (other) refuse('bad-file', tensor, `and ${other.tensor} are both for ${name}; one of them must go.`);
    map.set(name, { tensor, name });
  };
  for (const tensor of names) {
    const name = tensor.startsWith(peftPrefix) ? tensor.slice(peftPrefix.length) : tensor;
    const factor = /^(.+)\.lora_(embedding_)?([AB])(?:\.default)?(\.weight)?$/.exec(name);
    // A parameter of an embedding has no ".weight", a linear layer's factor has one.
    if (factor?.[1] !== undefined && (factor[2] === undefined) === (factor[4] !== undefined)) {
      const [, module, embedding, which] = factor;
      const key = `${embedding ?? ''}${module}`;
      const pair = factors.get(key) ?? { a: null, b: null, embedding: embedding !== undefined };
      const side = which === 'A' ? 'a' : 'b';
      if (pair[side] !== null)
        refuse('bad-file', tensor, `and ${pair[side]} are both for ${module}; one of them must go.`);
      factors.set(key, { ...pair, [side]: tensor });
      continue;
    }
    const delta = /^(.+)\.token_adapter\.trainable_tokens_delta(?:\.default)?$/.exec(name);
    if (delta) {
      once(rows, tensor, `${delta[1]}.weight`);
      continue;
    }
    const [, why] = foreign.find(([pattern]) => pattern.test(name)) ?? [];
    if (why !== undefined) refuse('unsupported', tensor, why);
    if (/\.(?:original_module|trainable_tokens_\w+|token_adapter)\b|\blora_/.test(name))
      refuse('unsupported', tensor, `is of no kind that the studio knows in an adapter. ${mergeFirst}`);
    once(whole, tensor, name.replace(/\.(?:base_layer|modules_to_save(?:\.default)?)(?=\.[^.]+$)/, ''));
  }
  return {
    factors: [...factors].map(([key, pair]) => ({
      module: pair.embedding ? key.slice('embedding_'.length) : key,
      ...pair,
    })),
    whole: [...whole.values()],
    rows: [...rows.values()],
  };
}
