/** adapter_config.json of PEFT: what scales a LoRA product, module by module. Hostile until checked. */
import { StudioError } from '../errors.ts';
import { JsonField, showJson } from '../json-field.ts';
import {
  harmless,
  refused as refusedBut,
  sortKeys,
  used,
  type KeyRule,
  type ReadRules,
} from '../reading/rules.ts';
import { loadedModules, type LoadedModules } from './adapter-modules.ts';
import { takenOut, type TakenOut } from './adapter-initial.ts';
import { adapterWork, modulePattern } from './adapter-patterns.ts';

export interface LoraConfig {
  /** What the adapter says it was trained on; may be a path that means nothing here. */
  readonly baseModel: string | null;
  /** What was taken out of the base before training. */
  readonly takenOut: TakenOut;
  /**
   * α/r, or α/√r where the adapter is rank-stabilised, of a module such as `model.layers.0.self_attn.q_proj`
   * with A of so many rows. Throws `bad-file` where the file says that the module has another rank.
   */
  scaling(module: string, rank: number): number;
  /**
   * Rows of a module's embedding that the adapter replaces, in the order in which it stores them; null where it
   * replaces none anywhere.
   */
  readonly tokenIndices: ((module: string) => readonly number[] | null) | null;
  readonly loads: LoadedModules;
  /** Ends of the names of modules that the file must hold whole. */
  readonly savedWhole: readonly string[];
}

/** A switch that is off asks for nothing. */
const refused = (why: string, ...idle: readonly unknown[]): KeyRule => refusedBut(why, false, ...idle);
const byNames = used(
  'which modules the factors are put on; others in the file are left out and named; so by an expression, unless Python and JavaScript could read it differently, which is said',
);

/** Every key of LoraConfig of peft 0.21, and what older versions and other writers put there. */
export const adapterConfigRules: ReadRules = {
  file: 'adapter_config.json',
  about: 'How a LoRA adapter of PEFT changes its base model.',
  keys: {
    peft_type: used('only LORA is read'),
    r: used('divides the scale; the factors must have this rank'),
    rank_pattern: used('the rank by module'),
    lora_alpha: used('the scale of B·A'),
    alpha_pattern: used('the scale of B·A by module'),
    use_rslora: used('divides by √r in place of r'),
    init_lora_weights: used(
      'what pissa and olora take out of the base is computed from it; loftq, corda, lora_ga, pissa_niter_N and unknown names are refused; true, false, gaussian, orthogonal, eva and mica leave the base as it is',
    ),
    base_model_name_or_path: used('shown'),
    bias: used('biases that the file holds take the place of the base’s'),
    modules_to_save: used(
      'tensors that the file holds whole take the place of the base’s; a file without them is refused; factors of the same modules are left out and named, as by peft',
    ),
    trainable_token_indices: used('the rows of the embedding that the file holds'),

    target_modules: byNames,
    exclude_modules: byNames,
    layers_to_transform: byNames,
    layers_pattern: byNames,
    lora_dropout: harmless('training only'),
    inference_mode: harmless('training only'),
    eva_config: harmless('how the factors began; init_lora_weights says whether that touched the base'),
    corda_config: harmless('how the factors began; init_lora_weights says whether that touched the base'),
    loftq_config: harmless('how the factors began; init_lora_weights says whether that touched the base'),
    lora_ga_config: harmless('how the factors began; init_lora_weights says whether that touched the base'),
    qalora_group_size: harmless('only with use_qalora'),
    megatron_core: harmless('where Megatron’s layers are found'),
    runtime_config: harmless('how it is computed, not what'),
    task_type: harmless('which class peft wraps around the model; a head of that class is in the file'),
    auto_mapping: harmless('which class peft wraps around the model'),
    peft_version: harmless('who wrote the file'),
    revision: harmless('of the base model’s repository'),
    velora_config: harmless('training only: how gradients are kept'),
    lora_dtype: harmless('ms-swift: the type that the factors were trained in'),
    lorap_lr_ratio: harmless('ms-swift: training only'),
    lorap_emb_lr: harmless('ms-swift: training only'),
    merge_weights: harmless('peft before 0.3: when weights were merged'),

    use_dora: refused('DoRA rescales the base weights as well'),
    fan_in_fan_out: refused('its weights are stored transposed'),
    use_bdlora: refused('it is block diagonal'),
    use_qalora: refused('it is grouped for quantised weights'),
    lora_bias: refused('it has biases of its own'),
    layer_replication: refused('it replicates layers, so it fits no model of this shape', []),
    target_parameters: refused('it changes parameters that are no linear layers', []),
    megatron_config: refused('it is of layers that Megatron cut into pieces'),
    alora_invocation_tokens: refused('it acts only after certain tokens (aLoRA)', []),
    arrow_config: refused('it chooses among several adapters token by token (Arrow)'),
    ensure_weight_tying: refused('it ties what it changes to other layers'),
    kasa_config: refused('KaSA took the weakest singular values out of the base'),
    monteclora_config: refused('its weights are drawn at random (MonteCLoRA)'),
    enable_lora: refused('it changes parts of fused layers (peft before 0.3)', []),
  },
  others: {
    treatment: 'refused',
    why: 'the studio does not know this key, which may change what the adapter does',
    idle: [false, '', [], {}],
  },
};

/** What can be done with an adapter that is not read. */
export const mergeFirst =
  'Merge the adapter into its base model with peft first (merge_and_unload), and open the result.';

/** Adapters that act on the prompt or on activations: no weights hold what they do. */
const noWeights = /PROMPT|PREFIX|P_TUNING|CPT|XLORA|POLY/;

export function parseLoraConfig(text: string, file: string): LoraConfig {
  const refuse = (code: 'bad-file' | 'unsupported', message: string, value?: string): never => {
    throw new StudioError(code, `${file}: ${message}`, {
      details: { file, ...(value !== undefined && { value }) },
    });
  };
  const config = JsonField.parse(text, file).members() as Readonly<Record<string, unknown>>;
  if (config.peft_type !== 'LORA') refusePeftType(config.peft_type, refuse);
  for (const { key, value, rule } of sortKeys(adapterConfigRules, config).refused)
    refuse(
      'unsupported',
      `${key.slice(0, 80)} is ${showJson(value)}: ${rule.why}. ${mergeFirst}`,
      key.slice(0, 80),
    );

  const taken = takenOut(config.init_lora_weights);
  if (typeof taken !== 'string')
    return refuse(
      'unsupported',
      `init_lora_weights is ${showJson(config.init_lora_weights)}: ${taken.reason}. In the training script, save the adapter as plain LoRA with peft (save_pretrained with path_initial_model_for_weight_conversion) or merge it (merge_and_unload), and open the result.`,
      showJson(config.init_lora_weights),
    );
  const stabilised = config.use_rslora ?? false;
  if (typeof stabilised !== 'boolean')
    return refuse('bad-file', `use_rslora must be true or false, not ${showJson(stabilised)}.`);

  const positive = (value: unknown, key: string): number =>
    // As a float32, which the product is computed in.
    typeof value === 'number' && Number.isFinite(Math.fround(value)) && Math.fround(value) > 0
      ? value
      : refuse('bad-file', `${key} must be a positive number, not ${showJson(value)}.`, showJson(value));
  const alpha = positive(config.lora_alpha, 'lora_alpha');
  // peft's own default, for a file without it.
  const r = positive(config.r ?? 8, 'r');
  const work = adapterWork();
  const patterns = (key: 'alpha_pattern' | 'rank_pattern') => {
    const value = config[key] ?? {};
    if (typeof value !== 'object' || Array.isArray(value))
      return refuse('bad-file', `${key} must be an object, not ${showJson(value)}.`);
    return Object.entries(value).map(([pattern, number]) => ({
      matches:
        modulePattern(pattern, work) ??
        refuse(
          'unsupported',
          `${key} has the expression ${pattern.slice(0, 80)}; only plain module names and short expressions are read. ${mergeFirst}`,
          pattern.slice(0, 80),
        ),
      value: positive(number, `${key} of ${pattern.slice(0, 80)}`),
    }));
  };
  const rowsOf = (value: unknown): readonly number[] =>
    Array.isArray(value) &&
    value.length <= maxRows &&
    value.every((one) => Number.isSafeInteger(one) && one >= 0)
      ? (value as number[])
      : refuse('bad-file', `trainable_token_indices must be lists of token ids, not ${showJson(value)}.`);
  const tokens = config.trainable_token_indices ?? null;
  const byModule =
    tokens !== null && typeof tokens === 'object' && !Array.isArray(tokens)
      ? Object.entries(tokens).map(([name, value]) => ({ name, rows: rowsOf(value) }))
      : null;
  const everywhere = tokens === null || byModule ? null : rowsOf(tokens);
  const whole = config.modules_to_save ?? [];
  const savedWhole =
    Array.isArray(whole) && whole.length <= mostSaved && whole.every((one) => typeof one === 'string')
      ? whole
      : refuse(
          'bad-file',
          `modules_to_save must be a list of at most ${mostSaved} names, not ${showJson(whole)}.`,
        );
  const alphas = patterns('alpha_pattern');
  const ranks = patterns('rank_pattern');
  return {
    baseModel:
      typeof config.base_model_name_or_path === 'string'
        ? config.base_model_name_or_path.slice(0, 500)
        : null,
    takenOut: taken,
    loads: loadedModules(config, work),
    savedWhole: savedWhole.filter((name) => name !== ''),
    scaling(module, rank) {
      const said = ranks.find(({ matches }) => matches(module))?.value ?? r;
      if (said !== rank)
        return refuse(
          'bad-file',
          `it says that ${module} has rank ${said}, but its factors have rank ${rank}, so their scale is not known. Take both files from one saved adapter.`,
          showJson(said),
        );
      const scale = alphas.find(({ matches }) => matches(module))?.value ?? alpha;
      return scale / (stabilised ? Math.sqrt(rank) : rank);
    },
    tokenIndices:
      tokens === null
        ? null
        : (module) =>
            byModule?.find(({ name }) => module === name || module.endsWith(`.${name}`))?.rows ?? everywhere,
  };
}

/** More than an architecture has kinds of modules. */
const mostSaved = 200;
/** As many as a vocabulary can have. */
const maxRows = 2 ** 20;

function refusePeftType(
  type: unknown,
  refuse: (code: 'unsupported', message: string, value: string) => never,
): never {
  const way =
    typeof type === 'string' && noWeights.test(type)
      ? 'It acts on the prompt or on activations, so no weights can hold what it does, and it cannot be merged.'
      : mergeFirst;
  return refuse(
    'unsupported',
    type === undefined
      ? `it names no peft_type, so it is no adapter of PEFT. Adapters of mlx-lm are written into a model by mlx_lm.fuse.`
      : `it is an adapter of type ${showJson(type)}; of PEFT's adapters LoRA alone is read. ${way}`,
    showJson(type),
  );
}
