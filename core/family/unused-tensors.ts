/**
 * Tensors of a file that the model of its config.json has no place for, and places that no tensor fills.
 * transformers drops the former ("unexpected keys") and fills the latter ("missing keys"); the forward pass does
 * the same. Only of architectures that are run: of others nobody knows here what they are computed with.
 */
import { activationScales } from '../quantised/schemes.ts';
import type { ModelSpec } from './model-spec.ts';
import type { Finding } from './pairing.ts';
import { hasBias, layerLinears, layerTensors } from './text/layer-tensors.ts';

/** Left by older versions of transformers, which computed them anew all the same; and what has findings of its own. */
const harmless = /\.(?:rotary_emb\.inv_freq|masked_bias)$|\blora_/;

export function unusedTensors(label: string, spec: ModelSpec, names: Iterable<string>): Finding[] {
  if (spec.kind === 'unknown') return [];
  const { layers } = spec.names;
  const used = layerTensors(spec.text);
  const present = new Set(names);
  const biases: string[] = [];
  const others: string[] = [];
  const beyond: string[] = [];
  for (const name of present) {
    if (!name.startsWith(layers) || harmless.test(name) || activationScales.test(name)) continue;
    const [, number, part = ''] = /^(\d{1,6})\.(.+)$/.exec(name.slice(layers.length)) ?? [];
    if (number !== undefined && Number(number) >= spec.text.layers) beyond.push(name);
    else if (number === undefined || !used.has(part))
      (part.endsWith('_proj.bias') ? biases : others).push(name);
  }
  const { bias: beside } = besideLayers(spec);
  for (const name of present) if (isUnusedInVision(spec, name) || beside.includes(name)) biases.push(name);
  const missing = Array.from({ length: spec.text.layers }, (_, layer) =>
    layerLinears
      .filter((linear) => hasBias(spec.text, linear))
      .map((linear) => `${layers}${layer}.${linear}.bias`)
      .filter((name) => !present.has(name)),
  ).flat();
  const found = (
    code: string,
    severity: Finding['severity'],
    tensors: readonly string[],
    message: string,
    remedy: string,
  ): Finding[] => (tensors.length === 0 ? [] : [{ code, severity, tensors, message, remedy }]);
  const are = ({ length }: readonly string[]): string => (length === 1 ? 'It is' : 'They are');
  return [
    ...found(
      'biases-not-used',
      'error',
      biases,
      `${label} holds ${counted(biases, 'bias', 'biases')} (${biases[0] ?? ''}) that its config.json has no place for: the keys for biases there are false or absent, or its architecture has none.`,
      `${are(biases)} not added, as in transformers, so that the model computes something else than where the biases were trained. Where they belong to the model, correct config.json (attention_bias, mlp_bias); where they do not, save the model again without them.`,
    ),
    ...found(
      'layer-tensors-not-used',
      others.some((name) => /norm/i.test(name)) ? 'error' : 'warning',
      others,
      `${label} holds ${counted(others, 'tensor', 'tensors')} in its layers (${others[0] ?? ''}) that its architecture ${spec.architecture} has no place for.`,
      `${are(others)} not computed with, as in transformers. Check that config.json belongs to these weights.`,
    ),
    ...found(
      'layers-beyond-config',
      'error',
      beyond,
      `${label} holds ${counted(beyond, 'tensor', 'tensors')} of layers beyond the ${spec.text.layers} of its config.json (${beyond[0] ?? ''}).`,
      'The model is run without these layers, as in transformers. Correct num_hidden_layers, or take config.json and weights from one model.',
    ),
    ...found(
      'biases-missing',
      'warning',
      missing,
      `config.json of ${label} asks for biases that its weights do not hold: ${missing.length} of them, such as ${missing[0] ?? ''}.`,
      'They count as zeros, as in transformers. Where the model was trained with biases, download its weights again.',
    ),
  ];
}

/** What a language model has outside its layers, and the biases that no supported architecture has there. */
function besideLayers({
  names: { embedding, finalNorm, head },
}: Exclude<ModelSpec, { readonly kind: 'unknown' }>) {
  const used = [embedding, finalNorm, head ?? 'lm_head.weight', 'lm_head.weight'];
  return { used, bias: used.slice(1).map((name) => name.replace(/weight$/, 'bias')) };
}

/** Of a language model that is run by itself: tensors outside its layers that it has no place for. */
export function tensorsBeside(label: string, spec: ModelSpec, names: Iterable<string>): Finding[] {
  if (spec.kind !== 'text') return [];
  const { used, bias } = besideLayers(spec);
  const known = new Set([...used, ...bias]);
  const tensors = [...names].filter(
    (name) => !name.startsWith(spec.names.layers) && !known.has(name) && !harmless.test(name),
  );
  if (tensors.length === 0) return [];
  return [
    {
      code: 'tensors-not-used',
      severity: 'warning',
      tensors,
      message: `${label} holds ${counted(tensors, 'tensor', 'tensors')} outside its layers (${tensors[0] ?? ''}) that its architecture ${spec.architecture} has no place for.`,
      remedy: `${tensors.length === 1 ? 'It is' : 'They are'} not computed with. Check that config.json belongs to these weights; a value head or a classifier does no harm.`,
    },
  ];
}

/** Connector and tower ask config.json as well. */
function isUnusedInVision(spec: Exclude<ModelSpec, { readonly kind: 'unknown' }>, name: string): boolean {
  if (spec.kind !== 'vlm' || !name.endsWith('.bias')) return false;
  const { vision, connector } = spec.names;
  switch (spec.family) {
    case 'llava':
    case 'llava-onevision':
      return !spec.connector.bias && name.startsWith(connector);
    case 'internvl':
      return (
        !spec.vision.attentionBias && name.startsWith(vision) && /\.attention\.[qkv]_proj\.bias$/.test(name)
      );
    case 'idefics3':
      return name.startsWith(connector);
    case 'qwen2-vl':
      return false;
  }
}

const counted = ({ length }: readonly string[], one: string, many: string): string =>
  length === 1 ? `a ${one}` : `${length} ${many}`;
