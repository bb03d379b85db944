/**
 * Findings about values of config.json that change what the same weights compute, and in which base, VLM and
 * reasoning model differ. A merge takes the VLM's config.json, so what the others were trained under is lost.
 */
import { sortKeys } from '../reading/rules.ts';
import { asRecord, own, type JsonRecord } from '../records.ts';
import { ropeKeys, textKeys } from './config-keys/text-keys.ts';
import type { Finding } from './pairing.ts';
import { isTextType, textTypes, typeOfArchitecture, type TextTypeRow } from './text/text-types.ts';
import { roleNames, roles, type PairedModel, type Trio } from './trio.ts';

/** The configuration of a model's language model, and what transformers puts where it says nothing. */
interface Text {
  readonly model: PairedModel;
  readonly values: JsonRecord;
  readonly row: TextTypeRow | null;
}

interface Row {
  readonly code: string;
  readonly severity: Finding['severity'];
  /** What differs, as the subject of a sentence without its verb. */
  readonly what: string;
  /** Undefined where it is not known, which differs from nothing. */
  readonly read: (text: Text) => unknown;
  readonly remedy: string;
}

const vlmStays = "The VLM's value stays.";
const rows: readonly Row[] = [
  {
    code: 'activation-differs',
    severity: 'error',
    what: 'The activation (hidden_act)',
    read: ({ values, row }) => setIn(values, 'hidden_act') ?? (row ? 'silu' : undefined),
    remedy:
      'What one model learnt under its activation means something else under another, so the merged MLPs would be wrong. Choose models that were tuned from the same base.',
  },
  {
    code: 'head-dim-differs',
    severity: 'error',
    what: 'The size of an attention head (head_dim)',
    read: headDim,
    remedy:
      'A merge of attention layers would mix unrelated heads. Choose models that were tuned from the same base.',
  },
  {
    code: 'partial-rotary-differs',
    severity: 'error',
    what: 'The part of each attention head that is rotated (partial_rotary_factor)',
    read: (text) =>
      setIn(ropeOf(text.values), 'partial_rotary_factor') ??
      setIn(text.values, 'partial_rotary_factor') ??
      (text.row ? 1 : undefined),
    remedy:
      'Rows that are rotated in one model would be added to rows that are not in another. Choose models that were tuned from the same base.',
  },
  {
    code: 'computation-differs',
    severity: 'error',
    what: 'What config.json asks the language model to compute',
    read: otherComputation,
    remedy:
      'Weights that were trained under one computation do not fit another. Choose models that were tuned from the same base.',
  },
  {
    code: 'norm-eps-differs',
    severity: 'warning',
    what: 'rms_norm_eps',
    read: ({ model: { spec }, values, row }) =>
      spec.kind === 'unknown'
        ? (setIn(values, 'rms_norm_eps') ?? row?.defaults.rmsNormEps)
        : spec.text.rmsNormEps,
    remedy: `${vlmStays} It changes results where activations are small: compare answers of the merge with those of the reasoning model.`,
  },
  {
    code: 'rope-scaling-differs',
    severity: 'warning',
    what: 'The scaling of positions (rope_scaling, rope_parameters)',
    read: ropeScaling,
    remedy: `${vlmStays} The attention layers of the reasoning model were trained for other positions, so check long answers.`,
  },
  {
    code: 'sliding-window-differs',
    severity: 'warning',
    what: 'The window that attention is limited to (sliding_window)',
    read: slidingWindow,
    remedy: `${vlmStays} Texts longer than the smaller window are attended to otherwise than the reasoning model was trained to.`,
  },
  {
    code: 'bias-keys-differ',
    severity: 'warning',
    what: 'Whether linear layers have biases (attention_bias, mlp_bias)',
    read: biases,
    remedy: "Biases are not merged: the VLM's own stay, and those of the other models are left out.",
  },
  {
    code: 'tied-embeddings-differ',
    severity: 'info',
    what: 'Whether the output head is the embedding (tie_word_embeddings)',
    read: ({ model: { spec }, values }) =>
      spec.kind === 'unknown' ? setIn(values, 'tie_word_embeddings') : spec.text.tiedEmbeddings,
    remedy: "Neither is merged. The VLM's own stay as they are.",
  },
  ...(['bos', 'eos', 'pad'] as const).map((which): Row => ({
    code: `${which}-token-differs`,
    severity: 'info',
    what: `The token ${which}_token_id`,
    read: ({ values }) => setIn(values, `${which}_token_id`),
    remedy: `${vlmStays} The merged model is asked and stopped by the VLM's tokens.`,
  })),
];

/** @returns nothing for models whose config.json is not given */
export function compareConfigs(trio: Trio): Finding[] {
  const texts = { base: textOf(trio.base), vlm: textOf(trio.vlm), lrm: textOf(trio.lrm) };
  return rows.flatMap(({ code, severity, what, read, remedy }) => {
    const found = roles.map((role) => ({ role, value: read(texts[role]) }));
    const known = found.filter(({ value }) => value !== undefined);
    if (new Set(known.map(({ value }) => canonical(value))).size < 2) return [];
    const message = `${what} differs: ${list(found.map(({ role, value }) => `${show(value)} in the ${roleNames[role]}`))}.`;
    return [{ code, severity, tensors: [], message, remedy }];
  });
}

function textOf(model: PairedModel): Text {
  const root = asRecord(model.config);
  const inner = setIn(root, 'text_config');
  const values = inner === undefined ? root : asRecord(inner);
  const { spec } = model;
  const type = spec.kind === 'unknown' ? setIn(values, 'model_type') : spec.text.type;
  const known =
    typeof type === 'string' && isTextType(type) ? type : typeOfArchitecture(String(spec.architecture));
  return { model, values, row: known === null ? null : textTypes[known] };
}

function headDim({ model: { spec }, values }: Text): unknown {
  if (spec.kind !== 'unknown') return spec.text.headDim;
  const [stated, size, heads] = ['head_dim', 'hidden_size', 'num_attention_heads'].map((key) =>
    setIn(values, key),
  );
  if (stated !== undefined) return stated;
  return typeof size === 'number' && typeof heads === 'number' && heads > 0 ? size / heads : undefined;
}

/** Keys that ask for a computation which no model has that is run, with their values; none is the usual one. */
function otherComputation({ values }: Text): unknown {
  const asked = [...sortKeys(textKeys, values).refused, ...sortKeys(ropeKeys, ropeOf(values)).refused]
    .filter(({ value }) => value !== null)
    .map(({ key, value }) => [key, value] as const);
  if (asked.length > 0) return Object.fromEntries(asked);
  return Object.keys(values).length > 0 ? {} : undefined;
}

const ropeOf = (values: JsonRecord): JsonRecord => {
  const older = asRecord(setIn(values, 'rope_scaling'));
  return Object.keys(older).length > 0 ? older : asRecord(setIn(values, 'rope_parameters'));
};

/** Sections of M-RoPE are for images: a text stands at one position in all of them, as without sections. */
function ropeScaling({ values }: Text): unknown {
  if (Object.keys(values).length === 0) return undefined;
  const rope = ropeOf(values);
  const kind = setIn(rope, 'rope_type') ?? setIn(rope, 'type') ?? 'default';
  if (kind === 'default' || kind === 'mrope') return 'none';
  const fields = Object.entries(rope).filter(
    ([key, value]) =>
      value !== null && !['type', 'rope_type', 'rope_theta', 'partial_rotary_factor'].includes(key),
  );
  return { type: kind, ...Object.fromEntries(fields) };
}

function slidingWindow({ values, row }: Text): unknown {
  if (Object.keys(values).length === 0) return undefined;
  const use = setIn(values, 'use_sliding_window') ?? (row ? false : undefined);
  const size = setIn(values, 'sliding_window') ?? 'none';
  return use === false ? 'none' : size;
}

function biases({ model: { spec }, values }: Text): unknown {
  if (spec.kind !== 'unknown') {
    const { qkvBias, outputBias, mlpBias } = spec.text;
    return { 'q, k, v': qkvBias, output: outputBias, MLP: mlpBias };
  }
  const attention = setIn(values, 'attention_bias');
  return attention === undefined
    ? undefined
    : { 'q, k, v': attention, output: attention, MLP: setIn(values, 'mlp_bias') ?? false };
}

/** Undefined for a missing key and for null, which means "not set". */
const setIn = (object: JsonRecord, key: string): unknown => own(object, key) ?? undefined;

/** Equal for equal values, whatever the order of their keys; the depth of config.json is bounded by its reader. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const object = asRecord(inner);
    return object === inner
      ? Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  });
}

function show(value: unknown): string {
  if (value === undefined) return 'not known';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

const list = (items: readonly string[]): string =>
  `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
