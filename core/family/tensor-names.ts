/**
 * Tensor names of published checkpoints → canonical slot ids `layers.N.self_attn.q_proj`.
 *
 * Language models sit under one of several prefixes (none, `model.`, `model.text_model.`,
 * `model.language_model.`, `language_model.model.`), or have nanoVLM's own names. Towers repeat the names of
 * the attention layers, so a prefix that is not of a language model never matches.
 */
import { linearKinds, type LinearKind } from './linear-kinds.ts';

export interface LinearName {
  readonly id: string;
  readonly layer: number;
  readonly kind: LinearKind | 'other';
}

const textPrefix = String.raw`(?:(?:model\.)?(?:text_model|language_model)\.(?:model\.)?|model\.)?`;
const huggingFace = new RegExp(
  String.raw`^${textPrefix}layers\.(\d{1,4})\.(self_attn|mlp)\.([a-z]+(?:_[a-z]+)*_proj)\.weight$`,
);
/** Experts of a mixture by their number, experts that are always asked, Mixtral's names, Llama 4's layers. */
const experts = new RegExp(
  String.raw`^${textPrefix}layers\.(\d{1,4})\.(?:((?:mlp|feed_forward)\.(?:experts\.\d{1,4}\.|shared_experts?\.)|feed_forward\.)(gate_proj|up_proj|down_proj)|(block_sparse_moe\.experts\.\d{1,4}\.)(w1|w2|w3))\.weight$`,
);
const nanoVlm = /^decoder\.blocks\.(\d{1,4})\.(attn|mlp)\.(q|k|v|out|gate|up|down)_proj\.weight$/;
const kinds: Readonly<Record<string, LinearKind>> = {
  'self_attn.q_proj': 'q',
  'self_attn.k_proj': 'k',
  'self_attn.v_proj': 'v',
  'self_attn.o_proj': 'o',
  'mlp.gate_proj': 'gate',
  'mlp.up_proj': 'up',
  'mlp.down_proj': 'down',
};
/** Mixtral's names: w2(activation(w1 x) ⊙ w3 x). */
const expertKinds: Readonly<Record<string, LinearKind>> = {
  gate_proj: 'gate',
  up_proj: 'up',
  down_proj: 'down',
  w1: 'gate',
  w3: 'up',
  w2: 'down',
};
const kindOrder: readonly string[] = [...linearKinds, 'other'];

/** Null for everything that is not a linear layer of the language model. */
export function linearName(tensor: string): LinearName | null {
  const expert = experts.exec(tensor);
  if (expert) return expertName(expert);
  const match = huggingFace.exec(tensor) ?? nanoVlm.exec(tensor);
  const [, layer, block, projection] = match ?? [];
  if (layer === undefined) return null;
  const part = `${block === 'attn' ? 'self_attn' : block}.${projection === 'out' ? 'o_proj' : projection?.endsWith('_proj') ? projection : `${projection}_proj`}`;
  return {
    id: `layers.${Number(layer)}.${part}`,
    layer: Number(layer),
    kind: Object.hasOwn(kinds, part) ? (kinds[part] as LinearKind) : 'other',
  };
}

function expertName(match: RegExpExecArray): LinearName {
  const layer = Number(match[1]);
  const place = match[2] ?? match[4] ?? '';
  const projection = match[3] ?? match[5] ?? '';
  return { id: `layers.${layer}.${place}${projection}`, layer, kind: expertKinds[projection] ?? 'other' };
}

/** The number of the expert that a layer with this id belongs to; null for all other layers. */
export function expertOf(id: string): number | null {
  const number = /\.experts\.(\d{1,4})\./.exec(id)?.[1];
  return number === undefined ? null : Number(number);
}

/** By layer, then in the order in which a layer computes them. */
export function compareLinears(a: LinearName, b: LinearName): number {
  return (
    a.layer - b.layer ||
    kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) ||
    (expertOf(a.id) ?? -1) - (expertOf(b.id) ?? -1) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

export type TensorPart = 'linear' | 'embedding' | 'head' | 'text' | 'vision';

/**
 * Which part of a model a tensor belongs to; `text` is what else the language model has (norms, biases),
 * `vision` everything outside it.
 */
export function tensorPart(tensor: string): TensorPart {
  if (linearName(tensor)) return 'linear';
  if (
    /^(?:(?:model\.)?(?:text_model|language_model)\.(?:model\.)?|model\.)?embed_tokens\.weight$/.test(
      tensor,
    ) ||
    tensor === 'decoder.token_embedding.weight'
  )
    return 'embedding';
  if (/^(?:language_model\.)?lm_head\.|^decoder\.head\./.test(tensor)) return 'head';
  if (
    /^(?:(?:model\.)?(?:text_model|language_model)\.|model\.layers\.|model\.norm\.|layers\.\d|norm\.|decoder\.)/.test(
      tensor,
    )
  )
    return 'text';
  return 'vision';
}
