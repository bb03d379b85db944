/**
 * Finds what the reasoning model changed that no merge takes over: embeddings, output head, norms and biases stay the
 * VLM's. Measured is ‖θ_lrm − θ_base‖/‖θ_base‖ over a sample of each. An adapter has findings of its own, and of models
 * from the Hub nothing is said, because each short read there brings a block of megabytes.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { tensorPart } from '../../../core/family/tensor-names.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { equalButRounded, sampleOf, spread } from './weight-sample.ts';

/** Norms and biases looked at, from all depths. */
const mostVectors = 64;
/** Numbers at each of so many places: a few rows of the embeddings may have been trained alone. */
const elements = 128;
const places = 8;
/** Tensors that are read at once. */
const readsAtOnce = 8;
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
    const part = tensorPart(name);
    const isLeftOut = part === 'embedding' || part === 'head' || part === 'text';
    const sameShape = origin !== undefined && String(base.tensors.get(origin)?.shape) === String(shape);
    return isLeftOut && sameShape ? [{ name, origin, part }] : [];
  });
  const looked = [
    ...pairs.filter(({ part }) => part !== 'text'),
    ...spread(
      pairs.filter(({ part }) => part === 'text'),
      mostVectors,
    ),
  ];
  const changes: Change[] = [];
  for (let i = 0; i < looked.length; i += readsAtOnce) {
    const some = looked.slice(i, i + readsAtOnce);
    const ratios = await Promise.all(
      some.map(({ name, origin }) => changeOf(lrm, name, base, origin, signal)),
    );
    some.forEach(({ name }, k) => {
      if ((ratios[k] ?? 0) > 0) changes.push({ tensor: name, ratio: ratios[k] ?? 0 });
    });
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
  const count = (lrm.tensors.get(name)?.shape ?? []).reduce((product, size) => product * size, 1);
  const here = count <= elements ? 1 : places;
  for (let k = 0; k < here; k++) {
    const place = k / Math.max(1, here - 1);
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
