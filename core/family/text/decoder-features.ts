/**
 * The features in which decoders of the Llama block differ, one row each: how it is read from config.json, and
 * which of its values the forward pass (workers/nn/decoder.ts) computes. A value that is not computed gives the
 * reason, which ends the sentence "… cannot be run: its …". Adding a feature is a row here and its computation
 * there; no other place asks what a model's type is.
 */
import { showJson } from '../../json-field.ts';
import { sortKeys, type ReadRules } from '../../reading/rules.ts';
import { ropeKeys, textKeys } from '../config-keys/text-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { BiasRule, TextTypeRow } from './text-types.ts';

export interface DecoderFeatures {
  /** q, k and v have biases. */
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** RMSNorm over headDim on q and k before the rotation. */
  readonly qkNorm: boolean;
  /** Between gate and up: down(activation(gate) ⊙ up). */
  readonly activation: 'silu';
  /**
   * `scaled` is dynamic scaling (InternVL3): other rotary frequencies for texts longer than `plainPositions`,
   * which are not computed; up to there it changes nothing.
   */
  readonly rotary:
    | { readonly kind: 'plain' }
    | { readonly kind: 'scaled'; readonly plainPositions: number }
    /** M-RoPE: pairs of a head's dimensions for time, height, width in turn, together half a head. */
    | { readonly kind: 'sections'; readonly sections: readonly number[] };
}

/** A value, or why it is not computed. */
type FeatureReading<T> = { readonly value: T } | { readonly reason: string };

type FeatureReader<T> = (config: ConfigReader, type: TextTypeRow) => FeatureReading<T>;

const computed: { readonly [Key in keyof DecoderFeatures]: FeatureReader<DecoderFeatures[Key]> } = {
  qkvBias: (config, { qkvBias }) => ({ value: hasBias(config, qkvBias) }),
  outputBias: (config, { outputBias }) => ({ value: hasBias(config, outputBias) }),
  mlpBias: (config, { mlpBias }) => ({ value: hasBias(config, mlpBias) }),
  qkNorm: (_, { qkNorm }) => ({ value: qkNorm }),
  activation: (config) => {
    const name = config.text('hidden_act', 'silu');
    return name === 'silu' ? { value: name } : { reason: `activation ${name}` };
  },
  rotary: (config, { defaults, sections }) => {
    const kind = ropeText(config, 'rope_type', 'type', 'default');
    if (sections && (kind === 'default' || kind === 'mrope'))
      return { value: { kind: 'sections', sections: readSections(config, sections) } };
    if (sections) return { reason: `position scaling (rope type ${kind} with M-RoPE)` };
    if (kind === 'default') return { value: { kind: 'plain' } };
    if (kind !== 'dynamic') return { reason: `position scaling (rope type ${kind})` };
    const plainPositions = config.whole('max_position_embeddings', defaults.maxPositions, [1, 2 ** 30]);
    return { value: { kind: 'scaled', plainPositions } };
  },
};

/** Features that no model has which is run, so that a spec has no field for them: the reason, or null. */
const neverComputed: readonly FeatureReader<null>[] = [
  (config) => {
    const nested = ropeSettings(config);
    const holder = nested.has('partial_rotary_factor') ? nested : config;
    const partial = holder.number('partial_rotary_factor', 1, [0, 1]);
    return partial === 1 ? { value: null } : { reason: `partial rotary embedding (${partial} of each head)` };
  },
  (config, { slidingWindow }) =>
    slidingWindow && config.flag('use_sliding_window', false)
      ? { reason: 'sliding-window attention' }
      : { value: null },
  (config) => {
    const layers = config.raw('layer_types');
    const other: unknown = Array.isArray(layers) && layers.find((layer) => layer !== 'full_attention');
    return other === false || other === undefined
      ? { value: null }
      : { reason: `kind of layer ${showJson(other)}` };
  },
  (config) => refusedKey(textKeys, config),
  (config) => refusedKey(ropeKeys, ropeSettings(config)),
];

/** The first key that asks for what no model has which is run. */
export function refusedKey(rules: ReadRules, config: ConfigReader): FeatureReading<null> {
  const [first] = sortKeys(rules, config.all()).refused;
  if (!first) return { value: null };
  return first.value === null
    ? { reason: `${first.key} of null, which transformers refuses as well,` }
    : { reason: `${first.rule.why} (${first.key} ${showJson(first.value)})` };
}

export function readDecoderFeatures(
  config: ConfigReader,
  type: TextTypeRow,
): DecoderFeatures | { readonly reason: string } {
  const found: Partial<Record<keyof DecoderFeatures, unknown>> = {};
  const said = (reason: string) => ({ reason: `its ${reason} is not computed here` });
  for (const key of Object.keys(computed) as (keyof DecoderFeatures)[]) {
    const reading = computed[key](config, type);
    if ('reason' in reading) return said(reading.reason);
    found[key] = reading.value;
  }
  for (const read of neverComputed) {
    const reading = read(config, type);
    if ('reason' in reading) return said(reading.reason);
  }
  return found as unknown as DecoderFeatures;
}

function readSections(config: ConfigReader, fallback: readonly number[]): readonly number[] {
  const settings = ropeSettings(config);
  const value = settings.raw('mrope_section') ?? fallback;
  const isLength = (length: unknown): length is number =>
    typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= 4096;
  return Array.isArray(value) && value.length >= 1 && value.length <= 64 && value.every(isLength)
    ? value
    : settings.refuse('mrope_section', 'a list of whole numbers');
}

function hasBias(config: ConfigReader, rule: BiasRule): boolean {
  return typeof rule === 'boolean' ? rule : config.flag(rule, false);
}

/**
 * transformers 5 writes `rope_parameters {rope_theta, rope_type}`; before it `rope_theta` stood alone and
 * `rope_scaling {type | rope_type}` beside it. Where a file has both, the older key counts unless it is empty
 * (`convert_rope_params_to_dict`, transformers 5.23).
 */
export function ropeSettings(config: ConfigReader): ConfigReader {
  const older = config.nested('rope_scaling');
  return Object.keys(older.all()).length > 0 ? older : config.nested('rope_parameters');
}

function ropeText(config: ConfigReader, key: string, olderKey: string, fallback: string): string {
  const nested = ropeSettings(config);
  return nested.text(key, nested.text(olderKey, fallback));
}
