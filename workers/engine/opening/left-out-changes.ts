/**
 * Finds what the reasoning model changed that no merge takes over: embeddings, output head, norms and biases stay the
 * VLM's. Measured is ‖θ_lrm − θ_base‖/‖θ_base‖ over a sample of each. An adapter has findings of its own.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { tensorPart } from '../../../core/family/tensor-names.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { equalButRounded, sampleOf, spread } from './weight-sample.ts';

/** Tensors looked at, so that a mixture with thousands of vectors is no long read. */
const mostTensors = 512;
/** Numbers at each of so many places: a few rows of the embeddings may have been trained alone. */
const elements = 512;
const places = 8;
/** From here on the change is as large as what tuning changes elsewhere at the most. */
const large = 0.25;
/** Tensors that a message names; its finding lists all of them. */
const mostNamed = 4;

interface Change {
  readonly tensor: string;
  /** ‖θ_lrm − θ_base‖/‖θ_base‖; Infinity where the base has zeros alone. */
  readonly ratio: number;
}

export async function findLeftOutChanges(
  { base, lrm }: PerRole<Checkpoint>,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (lrm.adapted || lrm.remote || base.remote) return [];
  const baseNames = new Map([...base.tensors.keys()].map((name) => [withinModel(name), name]));
  const pairs = [...lrm.tensors.values()].flatMap(({ name, shape }) => {
    const origin = baseNames.get(withinModel(name));
    const isLeftOut = ['embedding', 'head', 'text'].includes(tensorPart(name));
    const sameShape = origin !== undefined && String(base.tensors.get(origin)?.shape) === String(shape);
    return isLeftOut && sameShape ? [{ name, origin }] : [];
  });
  const looked = spread(pairs, mostTensors);
  const changes: Change[] = [];
  for (const { name, origin } of looked) {
    const ratio = await changeOf(lrm, name, base, origin, signal);
    if (ratio > 0) changes.push({ tensor: name, ratio });
  }
  return changes.length === 0 ? [] : [finding(lrm.label, changes, looked.length)];
}

/** Where a tensor lies within its language model, whatever that is called. */
const withinModel = (name: string): string =>
  name.replace(/^(?:model\.)?(?:language_model|text_model)\.(?:model\.)?|^model\./, '');

/** What one of both was rounded by is no change. */
async function changeOf(
  lrm: Checkpoint,
  name: string,
  base: Checkpoint,
  origin: string,
  signal: AbortSignal,
): Promise<number> {
  let [changed, whole] = [0, 0];
  for (let k = 0; k < places; k++) {
    const place = k / (places - 1);
    const own = await sampleOf(lrm, name, signal, elements, place);
    const before = await sampleOf(base, origin, signal, elements, place);
    const isChanged = !equalButRounded(own, before);
    before.forEach((value, i) => {
      if (isChanged) changed += ((own[i] ?? value) - value) ** 2;
      whole += value ** 2;
    });
  }
  return changed === 0 ? 0 : Math.sqrt(changed / whole);
}

function finding(label: string, changes: readonly Change[], looked: number): Finding {
  const largest = changes.toSorted((a, b) => b.ratio - a.ratio);
  const named = largest.slice(0, mostNamed).map(({ tensor, ratio }) => `${tensor} by ${percent(ratio)}`);
  const more = changes.length - named.length;
  const isLarge = (largest[0]?.ratio ?? 0) >= large;
  return {
    code: 'lrm-changed-what-stays',
    severity: isLarge ? 'warning' : 'info',
    tensors: largest.map(({ tensor }) => tensor),
    message: `The reasoning model ${label} differs from the base also in ${changes.length} of ${looked} sampled tensors that no merge touches (embeddings, output head, norms, biases): ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    remedy: isLarge
      ? "The VLM's own stay as they are, so that this part of what the reasoning model learnt is left out. Expect less of its skill than the linear layers alone would carry over in a model of which they were all that changed."
      : "The VLM's own stay as they are, so that this part of what the reasoning model learnt is left out.",
  };
}

const percent = (ratio: number): string =>
  ratio === Infinity ? 'far more than it was' : `${(100 * ratio).toFixed(ratio < 0.1 ? 2 : 0)} %`;
