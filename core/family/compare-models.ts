/**
 * Findings about everything that is not merged: embeddings, head, norms, biases, tower, formats, positions,
 * heads.
 */
import type { ModelSpec } from './model-spec.ts';
import type { Finding } from './pairing.ts';
import { tensorPart, type TensorPart } from './tensor-names.ts';
import type { Trio } from './trio.ts';
import { isMatrix } from './unmerged-matrices.ts';

const keep = "The VLM's own stay as they are.";

/** @param known whether the names of the models' layers are known, so that tensors can be told apart by them */
export function compareModels(trio: Trio, known: boolean): Finding[] {
  const parts = { base: split(trio, 'base'), vlm: split(trio, 'vlm'), lrm: split(trio, 'lrm') };
  return [
    ...vocabulary(trio, parts),
    ...outputHead(parts),
    ...keptText(parts, trio),
    ...(known ? tower(parts) : []),
    ...sighted(trio),
    ...(known ? strangers(trio, parts.lrm) : []),
    ...formats(trio),
    ...positions(trio),
    ...heads(trio),
  ];
}

type Parts = Readonly<Record<TensorPart, readonly string[]>>;
type TrioParts = Readonly<Record<keyof Trio, Parts>>;

function split(trio: Trio, role: keyof Trio): Parts {
  const parts: Record<TensorPart, string[]> = { linear: [], embedding: [], head: [], text: [], vision: [] };
  for (const name of trio[role].tensors.keys()) parts[tensorPart(name)].push(name);
  return parts;
}

function vocabulary(trio: Trio, parts: TrioParts): Finding[] {
  const rows = (role: keyof Trio): number | undefined =>
    trio[role].tensors.get(parts[role].embedding[0] ?? '')?.shape[0];
  const [base, vlm, lrm] = [rows('base'), rows('vlm'), rows('lrm')];
  const known = [base, vlm, lrm].filter((count) => count !== undefined);
  if (new Set(known).size < 2) return [];
  const tensors = [...parts.base.embedding, ...parts.vlm.embedding, ...parts.lrm.embedding];
  const message = `The vocabularies differ in size: ${base ?? '?'} rows in the base model, ${vlm ?? '?'} in the VLM, ${lrm ?? '?'} in the reasoning model.`;
  const remedy = "Embeddings and output head are not merged. The VLM's own stay as they are.";
  return [
    { code: 'vocabulary-rows-differ', severity: lrm === base ? 'info' : 'warning', tensors, message, remedy },
  ];
}

function outputHead(parts: TrioParts): Finding[] {
  const stored = (role: keyof Trio): boolean => parts[role].head.length > 0;
  if (stored('base') === stored('vlm') && stored('lrm') === stored('vlm')) return [];
  const word = (role: keyof Trio): string => (stored(role) ? 'stored' : 'tied to the embeddings');
  const message = `The output head is ${word('base')} in the base model, ${word('vlm')} in the VLM and ${word('lrm')} in the reasoning model.`;
  return [
    {
      code: 'output-head-differs',
      severity: 'info',
      tensors: [...parts.base.head, ...parts.vlm.head, ...parts.lrm.head],
      message,
      remedy: "The VLM's output head stays as it is, stored or tied.",
    },
  ];
}

function keptText({ base, vlm, lrm }: TrioParts, trio: Trio): Finding[] {
  const findings: Finding[] = [];
  const vectors = vlm.text.filter((name) => !isMatrix(trio.vlm.tensors.get(name) ?? { shape: [] }));
  if (vectors.length > 0) {
    const message = `${vectors.length} norms, biases and other vectors of the VLM's language model are not merged.`;
    findings.push({
      code: 'norms-and-biases-kept',
      severity: 'info',
      tensors: vectors,
      message,
      remedy: keep,
    });
  }
  const biases = (parts: Parts): string[] => parts.text.filter((name) => name.endsWith('_proj.bias'));
  const counts = [biases(base).length, biases(vlm).length, biases(lrm).length] as const;
  if (new Set(counts).size > 1) {
    const message = `The number of biases on linear layers differs: ${counts[0]} in the base model, ${counts[1]} in the VLM, ${counts[2]} in the reasoning model.`;
    findings.push({
      code: 'biases-differ',
      severity: 'warning',
      tensors: [...biases(base), ...biases(vlm), ...biases(lrm)],
      message,
      remedy: `${keep} Check that all three models come from one base.`,
    });
  }
  return findings;
}

function tower({ vlm }: TrioParts): Finding[] {
  if (vlm.vision.length === 0) {
    return [
      {
        code: 'no-vision-tower',
        severity: 'warning',
        tensors: [],
        message: 'The model chosen as VLM holds nothing but a language model.',
        remedy: 'The models can be merged, but check that the right folder was chosen.',
      },
    ];
  }
  const connectors = vlm.vision.filter((name) =>
    /connector|projector|mlp1\.|\bMP\.|merger/.test(name),
  ).length;
  const message = `The VLM's vision tower (${vlm.vision.length - connectors} tensors) and connector (${connectors}) are not merged.`;
  return [
    {
      code: 'vision-and-connector-kept',
      severity: 'info',
      tensors: vlm.vision,
      message,
      remedy: 'They stay the VLM’s, byte for byte.',
    },
  ];
}

/** Value heads, classifiers and the like, which training of a reasoning model leaves in its file. Of a VLM there is more than that. */
function strangers({ base, lrm }: Trio, { vision: outside }: Parts): Finding[] {
  if (outside.some((name) => sight.test(name))) return [];
  const tensors = outside.filter((name) => !base.tensors.has(name));
  if (tensors.length === 0) return [];
  const [are, their] =
    tensors.length === 1 ? ['a tensor', 'It is'] : [`${tensors.length} tensors`, 'They are'];
  return [
    {
      code: 'lrm-tensors-outside',
      severity: 'warning',
      tensors,
      message: `The reasoning model ${lrm.label} holds ${are} outside its language model that the base has not: ${tensors.slice(0, 3).join(', ')}${tensors.length > 3 ? ' and others' : ''}.`,
      remedy: `${their} left out of a merge. A value head or a classifier is of no use to the merged model; anything else may be a part of what the model learnt.`,
    },
  ];
}

const sight = /(?:^|\.)(?:vision_tower|vision_model|visual)\./;

/** A base or a reasoning model that has a vision tower is a VLM: perhaps the folder of another role. */
function sighted(trio: Trio): Finding[] {
  return (['base', 'lrm'] as const).flatMap((role) => {
    const tensors = [...trio[role].tensors.keys()].filter((name) => sight.test(name));
    if (tensors.length === 0) return [];
    const what = role === 'base' ? 'base' : 'reasoning model';
    return [
      {
        code: `${role}-has-vision-tower`,
        severity: 'warning' as const,
        tensors,
        message: `The ${what} ${trio[role].label} is a vision-language model itself: it has ${tensors.length} tensors of a vision tower.`,
        remedy: `Its language model is used as the ${what}, and its tower is not. Check that the right folder was chosen.`,
      },
    ];
  });
}

function formats(trio: Trio): Finding[] {
  const of = (role: keyof Trio): string =>
    [...new Set([...trio[role].tensors.values()].map(({ dtype }) => dtype))].sort().join(' and ') +
    (trio[role].dequantised === undefined ? '' : ' (some of it FP8 with scales, read as F32)');
  const [base, vlm, lrm] = [of('base'), of('vlm'), of('lrm')];
  if (base === vlm && lrm === vlm && !vlm.includes(' and ')) return [];
  const message = `The weights are stored as ${base} in the base model, ${vlm} in the VLM and ${lrm} in the reasoning model.`;
  return [
    {
      code: 'formats-differ',
      severity: 'info',
      tensors: [],
      message,
      remedy:
        "All three are computed with in float32. Each merged tensor is written in the VLM's own format.",
    },
  ];
}

const ropeTheta = (spec: ModelSpec): number | null =>
  spec.kind === 'unknown' ? spec.hints.ropeTheta : spec.text.ropeTheta;

function positions(trio: Trio): Finding[] {
  const [base, vlm, lrm] = [ropeTheta(trio.base.spec), ropeTheta(trio.vlm.spec), ropeTheta(trio.lrm.spec)];
  if (new Set([base, vlm, lrm].filter((theta) => theta !== null)).size < 2) return [];
  const message = `rope_theta differs: ${base ?? '?'} in the base model, ${vlm ?? '?'} in the VLM, ${lrm ?? '?'} in the reasoning model.`;
  return [
    {
      code: 'rope-theta-differs',
      severity: 'warning',
      tensors: [],
      message,
      remedy:
        "The VLM's value stays. The attention layers of the reasoning model were trained for other positions, so check long answers.",
    },
  ];
}

/**
 * Equal matrices can still be cut into different heads; then rows that are added belong to different heads.
 */
function heads(trio: Trio): Finding[] {
  const cut = (spec: ModelSpec): string | null => {
    const [query, keyValue] =
      spec.kind === 'unknown'
        ? [spec.hints.heads, spec.hints.keyValueHeads ?? spec.hints.heads]
        : [spec.text.heads, spec.text.keyValueHeads];
    return query === null ? null : `${query}/${keyValue}`;
  };
  const [base, vlm, lrm] = [cut(trio.base.spec), cut(trio.vlm.spec), cut(trio.lrm.spec)];
  if (new Set([base, vlm, lrm].filter((value) => value !== null)).size < 2) return [];
  const message = `The attention heads differ (query/key-value): ${base ?? '?'} in the base model, ${vlm ?? '?'} in the VLM, ${lrm ?? '?'} in the reasoning model.`;
  return [
    {
      code: 'heads-differ',
      severity: 'error',
      tensors: [],
      message,
      remedy:
        'A merge of attention layers would mix unrelated heads. Choose models that were tuned from the same base.',
    },
  ];
}
