/** adapter_config.json of PEFT: what scales a LoRA product, module by module. Hostile until checked. */
import { StudioError } from '../errors.ts';
import { JsonField, showJson } from '../json-field.ts';
import { sortKeys, type ReadRules } from '../reading/rules.ts';

export interface LoraConfig {
  /** What the adapter says it was trained on; may be a path that means nothing here. */
  readonly baseModel: string | null;
  /**
   * α/r, or α/√r where the adapter is rank-stabilised, of a module such as `model.layers.0.self_attn.q_proj`
   * with A of so many rows.
   */
  scaling(module: string, rank: number): number;
}

const merely = (why: string) => ({ treatment: 'refused', why, idle: [false] }) as const;

export const adapterConfigRules: ReadRules = {
  file: 'adapter_config.json',
  about: 'How a LoRA adapter of PEFT changes its base model.',
  keys: {
    peft_type: { treatment: 'used', why: 'only LORA is read' },
    lora_alpha: { treatment: 'used', why: 'the scale of B·A' },
    alpha_pattern: { treatment: 'used', why: 'the scale of B·A by module' },
    use_rslora: { treatment: 'used', why: 'divides by √r in place of r' },
    base_model_name_or_path: { treatment: 'used', why: 'shown' },
    use_dora: merely('DoRA rescales the base weights as well'),
    fan_in_fan_out: merely('its weights are stored transposed'),
    use_bdlora: merely('it is block diagonal'),
    use_qalora: merely('it is grouped for quantised weights'),
    lora_bias: merely('it has biases of its own'),
  },
  others: { treatment: 'harmless', why: 'not looked at' },
};

const maxPattern = 200;

export function parseLoraConfig(text: string, file: string): LoraConfig {
  const refuse = (code: 'bad-file' | 'unsupported', message: string, value?: string): never => {
    throw new StudioError(code, `${file}: ${message}`, {
      details: { file, ...(value !== undefined && { value }) },
    });
  };
  const config = JsonField.parse(text, file).members() as Readonly<Record<string, unknown>>;
  if (config.peft_type !== 'LORA')
    return refuse(
      'unsupported',
      `holds an adapter of type ${showJson(config.peft_type)}; only LoRA is a difference of weights.`,
      showJson(config.peft_type),
    );
  for (const { key, rule } of sortKeys(adapterConfigRules, config).refused)
    refuse(
      'unsupported',
      `${rule.why} (${key}). Merge the adapter into its base model with peft first, and open the result.`,
      key,
    );
  if (Array.isArray(config.layer_replication) && config.layer_replication.length > 0)
    refuse(
      'unsupported',
      'it replicates layers (layer_replication), so it fits no model of this shape.',
      'layer_replication',
    );

  const positive = (value: unknown, key: string): number =>
    typeof value === 'number' && Number.isFinite(value) && value > 0
      ? value
      : refuse('bad-file', `${key} must be a positive number, not ${showJson(value)}.`, showJson(value));
  const alpha = positive(config.lora_alpha, 'lora_alpha');
  const alphas = Object.entries(
    (config.alpha_pattern as Readonly<Record<string, unknown>> | null | undefined) ?? {},
  ).map(([pattern, value]) => ({
    matches: moduleMatcher(pattern, refuse),
    alpha: positive(value, `alpha_pattern of ${pattern.slice(0, 80)}`),
  }));
  const stabilised = config.use_rslora === true;
  return {
    baseModel:
      typeof config.base_model_name_or_path === 'string'
        ? config.base_model_name_or_path.slice(0, 500)
        : null,
    scaling: (module, rank) =>
      (alphas.find(({ matches }) => matches(module))?.alpha ?? alpha) / (stabilised ? Math.sqrt(rank) : rank),
  };
}

/**
 * A key of alpha_pattern, as peft matches it: at the end of the module's name, after a dot or from the start.
 * Keys are regular expressions there; here names with dots, escaped or not, are read, which is what peft's
 * own documentation uses, and nothing that could run for ever.
 */
function moduleMatcher(
  pattern: string,
  refuse: (code: 'unsupported', message: string, value: string) => never,
): (module: string) => boolean {
  const plain = pattern.replaceAll('\\.', '.').replace(/\$$/, '');
  const anchored = plain.startsWith('^');
  const name = anchored ? plain.slice(1) : plain;
  if (name.length > maxPattern || !/^[A-Za-z0-9_.]+$/.test(name))
    return refuse(
      'unsupported',
      `alpha_pattern has the expression ${pattern.slice(0, 80)}; only plain module names are read.`,
      pattern.slice(0, 80),
    );
  return (module) => module === name || (!anchored && module.endsWith(`.${name}`));
}
