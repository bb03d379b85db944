/**
 * Matrices of the VLM's language model that no merge touches, by name and by their share of its parameters: in
 * a mixture of experts that can be most of the model. Vectors (norms, biases), embeddings and head have findings
 * of their own.
 */
import type { Finding } from './pairing.ts';
import { expertOf, tensorPart } from './tensor-names.ts';
import type { PairedModel, PairedTensor } from './trio.ts';

/** Up to this share of the parameters, what stays is worth a note and no warning. */
const smallShare = 0.01;
const namedKinds = 6;

/** Structurally a PairedSlot. */
interface MergedSlot {
  readonly id: string;
  readonly tensors: { readonly vlm: string };
}

export const isMatrix = ({ shape }: Pick<PairedTensor, 'shape'>): boolean =>
  shape.filter((size) => size > 1).length >= 2;

/**
 * @param known whether the names of the models' layers are known; where they are not, all that is not plainly a
 *   tower, an embedding or a head counts as the language model
 * @param unchanged tensors that the reasoning model shares with the base: nothing is lost where they stay
 */
export function unmergedMatrices(
  vlm: PairedModel,
  slots: readonly MergedSlot[],
  known: boolean,
  unchanged: readonly string[],
): Finding[] {
  const merged = new Set([...slots.map(({ tensors }) => tensors.vlm), ...unchanged]);
  let [all, left] = [0, 0];
  const matrices: PairedTensor[] = [];
  for (const tensor of vlm.tensors.values()) {
    if (!isOfLayers(tensor.name, known)) continue;
    const size = tensor.shape.reduce((product, side) => product * side, 1);
    all += size;
    if (merged.has(tensor.name) || !isMatrix(tensor)) continue;
    left += size;
    matrices.push(tensor);
  }
  return [...stay(matrices, left / all), ...expertsMerged(slots)];
}

function stay(matrices: readonly PairedTensor[], share: number): Finding[] {
  if (matrices.length === 0) return [];
  const isMost = share > smallShare;
  const one = matrices.length === 1;
  return [
    {
      code: 'matrices-not-merged',
      severity: isMost ? 'warning' : 'info',
      tensors: matrices.map(({ name }) => name),
      message: `${matrices.length} ${one ? 'matrix' : 'matrices'} of the VLM's language model (${percent(share)} of the parameters of its layers) ${one ? 'does' : 'do'} not take part: ${kindsOf(matrices)}.`,
      remedy: isMost
        ? 'They stay as they are in the VLM, so that what the reasoning model learnt there is left out. Check whether the rest is worth a merge.'
        : 'They stay as they are in the VLM.',
    },
  ];
}

function expertsMerged(slots: readonly MergedSlot[]): Finding[] {
  const experts = slots.filter(({ id }) => expertOf(id) !== null);
  if (experts.length === 0) return [];
  return [
    {
      code: 'experts-merged',
      severity: 'info',
      tensors: experts.map(({ tensors }) => tensors.vlm),
      message: `${experts.length} of the ${slots.length} linear layers are those of experts (a mixture of experts).`,
      remedy:
        "Each expert is merged with the expert of the same number. The routers that choose among them stay the VLM's.",
    },
  ];
}

const isOfLayers = (name: string, known: boolean): boolean => {
  const part = tensorPart(name);
  return known
    ? part === 'linear' || part === 'text'
    : part !== 'embedding' &&
        part !== 'head' &&
        !/vision|visual|image|projector|connector|merger|embed|lm_head|\bwte\b|\bwpe\b/i.test(name);
};

/** `layers.*.mlp.gate.weight (4)`, most parameters first. */
function kindsOf(matrices: readonly PairedTensor[]): string {
  const kinds = new Map<string, { count: number; size: number }>();
  for (const { name, shape } of matrices) {
    const kind = name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*').slice(-120);
    const found = kinds.get(kind) ?? { count: 0, size: 0 };
    found.count++;
    found.size += shape.reduce((product, side) => product * side, 1);
    kinds.set(kind, found);
  }
  const sorted = [...kinds].sort(([, a], [, b]) => b.size - a.size);
  const named = sorted.slice(0, namedKinds).map(([kind, { count }]) => `${kind} (${count})`);
  const more = sorted.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} other kinds` : '');
}

const percent = (share: number): string =>
  share < 0.001 ? 'less than 0.1 %' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
