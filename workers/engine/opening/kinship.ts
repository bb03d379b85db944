/**
 * Finds out whether VLM and LRM were tuned from this base, and whether they were given in the roles that they have.
 * The weights of a model and of one that was tuned from it stay nearly parallel. The weights of models that were
 * trained apart are uncorrelated, however alike their shapes are. A small sample is enough: a few thousand numbers
 * from the middle of some layers.
 */
import { roleNames, type Role } from '../../../core/family/trio.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { SlotInfo, TrioSource } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { changesOf, judgeRelation } from './relation.ts';
import {
  adaptedSample,
  asStored,
  coarsest,
  correlation,
  equalButRounded,
  median,
  sampleOf,
  spread,
} from './weight-sample.ts';

/** Layers looked at: 8 · 3 reads of 16 kB in bfloat16. */
const sampledLayers = 8;
/** Numbers of each layer where all layers are looked at, for a change that is only in some of them. */
const fewElements = 1024;
/** Tuning leaves correlations above 0.9; 8192 independent numbers have one of 0 ± 0.011. */
const related = 0.5;

type Tuned = 'lrm' | 'vlm';
type Floats = Float32Array<ArrayBuffer>;

/**
 * The models of which a sample is cheap, which are those that lie at hand. From the Hub the smallest read
 * brings a block of megabytes, so there both are sampled when the trio is opened, before it is decomposed.
 */
export function atHand(source: TrioSource): Tuned[] {
  const remote = (role: Role) => source.kind === 'parts' && 'kind' in source[role];
  return remote('base') ? [] : (['lrm', 'vlm'] as const).filter((role) => !remote(role));
}

/** @param roles what is said of which models; how they lie to each other is said where both are among them */
export async function findKinship(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  roles: readonly Tuned[],
  signal: AbortSignal,
): Promise<Finding[]> {
  if (roles.length === 0 || slots.length === 0) return [];
  const kin = new Kin(checkpoints, signal);
  const findings: Finding[] = [];
  let chosen = spread(slots, sampledLayers);
  const changed = new Set<Tuned>();
  for (const role of roles) {
    if (await kin.isBase(role, chosen)) {
      // A change may be in a few layers alone.
      const others = await kin.changedSlots(role, slots);
      if (others.length === 0) {
        findings.push(equalsBase(role, checkpoints, slots, await kin.isRounded(role, chosen)));
        continue;
      }
      chosen = spread(others, sampledLayers);
    }
    changed.add(role);
  }
  for (const role of roles.filter((role) => changed.has(role)))
    // An adapter is of its base, or would not have fitted it.
    if (!checkpoints[role].adapted)
      findings.push(...judge(role, checkpoints, await kin.compare(role, chosen)));
  if (!changed.has('lrm') || !changed.has('vlm')) return findings;
  const strange = findings.filter(({ code }) => /^(?:lrm|vlm)-not-from-base$/.test(code));
  if (strange.length > 0) return [...findings, ...(await kin.ofEachOther(strange.length, chosen))];
  return [...findings, ...(await kin.relation(chosen))];
}

interface Kinship {
  /** Tensor of the model. */
  readonly tensor: string;
  /** Pearson's r of model and base over the sample; NaN where one of them is constant or no number; 1 where they are equal. */
  readonly correlation: number;
}

/** The samples of one trio. */
class Kin {
  readonly #checkpoints: PerRole<Checkpoint>;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Floats>>();

  constructor(checkpoints: PerRole<Checkpoint>, signal: AbortSignal) {
    this.#checkpoints = checkpoints;
    this.#signal = signal;
  }

  /** Of an adapter, which is not made whole for it, the base's. */
  #sample(role: Role, { tensors }: SlotInfo): Promise<Floats> {
    const model = this.#checkpoints[role].adapted ? 'base' : role;
    const key = `${model} ${tensors[model]}`;
    const known = this.#known.get(key) ?? sampleOf(this.#checkpoints[model], tensors[model], this.#signal);
    this.#known.set(key, known);
    return known;
  }

  /** The model's difference from the base over the sample, both as the coarsest of the three files would hold them. */
  async #difference(role: Tuned, slot: SlotInfo): Promise<Floats> {
    const { base, vlm, lrm } = this.#checkpoints;
    if (this.#checkpoints[role].adapted) {
      const own = await adaptedSample(this.#checkpoints[role], slot.tensors[role], this.#signal);
      return own ?? new Float32Array((await this.#sample('base', slot)).length);
    }
    const models = [base, vlm, ...(lrm.adapted ? [] : [lrm])];
    const names = [slot.tensors.base, slot.tensors.vlm, slot.tensors.lrm];
    const dtype = coarsest(models.map((model, i) => [model, names[i] ?? ''] as const));
    const [own, origin] = [
      asStored(dtype, await this.#sample(role, slot)),
      asStored(dtype, await this.#sample('base', slot)),
    ];
    return own.map((value, i) => value - (origin[i] ?? 0));
  }

  /** Where it is the base: whether only after rounding. */
  async isRounded(role: Tuned, slots: readonly SlotInfo[]): Promise<boolean> {
    for (const slot of slots) {
      const [own, origin] = [await this.#sample(role, slot), await this.#sample('base', slot)];
      if (own.some((value, i) => value !== origin[i])) return true;
    }
    return false;
  }

  /** What one of both was rounded by is no difference. */
  async isBase(role: Tuned, slots: readonly SlotInfo[]): Promise<boolean> {
    for (const slot of slots) {
      if (this.#checkpoints[role].adapted) {
        if ((await this.#difference(role, slot)).some((value) => value !== 0)) return false;
        continue;
      }
      if (!equalButRounded(await this.#sample(role, slot), await this.#sample('base', slot))) return false;
    }
    return true;
  }

  /** Of all of them those in which a few numbers of the model differ from the base. */
  async changedSlots(role: Tuned, slots: readonly SlotInfo[]): Promise<readonly SlotInfo[]> {
    const { base } = this.#checkpoints;
    const model = this.#checkpoints[role];
    const changed: SlotInfo[] = [];
    for (const slot of slots) {
      if (model.adapted) {
        if ((await this.#difference(role, slot)).some((value) => value !== 0)) changed.push(slot);
        continue;
      }
      const own = await sampleOf(model, slot.tensors[role], this.#signal, fewElements);
      const origin = await sampleOf(base, slot.tensors.base, this.#signal, fewElements);
      if (!equalButRounded(own, origin)) changed.push(slot);
    }
    return changed;
  }

  compare(role: Tuned, slots: readonly SlotInfo[]): Promise<readonly Kinship[]> {
    return Promise.all(
      slots.map(async (slot) => {
        const [own, origin] = [await this.#sample(role, slot), await this.#sample('base', slot)];
        const same = own.every((value, i) => value === origin[i]);
        return { tensor: slot.tensors[role], correlation: same ? 1 : correlation(own, origin) };
      }),
    );
  }

  async relation(slots: readonly SlotInfo[]): Promise<Finding[]> {
    const { vlm, lrm } = this.#checkpoints;
    let same = true;
    const changes = [];
    for (const slot of slots) {
      const [ofVlm, ofLrm] = [await this.#difference('vlm', slot), await this.#difference('lrm', slot)];
      same &&= ofVlm.every((value, i) => value === ofLrm[i]);
      changes.push(changesOf(slot.tensors.vlm, ofVlm, ofLrm));
    }
    return same ? [lrmIsVlm(vlm.label, lrm.label, slots)] : judgeRelation(changes);
  }

  /** Where models are not of this base: whether it is the base that does not belong. */
  async ofEachOther(strange: number, slots: readonly SlotInfo[]): Promise<Finding[]> {
    if (strange < 2) return [];
    const values = await Promise.all(
      slots.map(async (slot) =>
        correlation(await this.#sample('vlm', slot), await this.#sample('lrm', slot)),
      ),
    );
    const middle = median(values.filter(Number.isFinite));
    if (!(middle >= related)) return [];
    return [
      {
        code: 'base-not-of-both',
        severity: 'error',
        tensors: slots.map(({ tensors }) => tensors.base),
        message: `VLM and reasoning model are of one family (their weights correlate by ${middle.toFixed(3)}), and the base ${this.#checkpoints.base.label} is not of it.`,
        remedy: 'Choose the language model that both were tuned from as base.',
      },
    ];
  }
}

function equalsBase(
  role: Tuned,
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  isRounded: boolean,
): Finding {
  const { label, adapted } = checkpoints[role];
  const tensors = slots.map(({ tensors }) => tensors[role]);
  const but = isRounded ? ', but for rounding to 16 bits' : '';
  if (role === 'vlm')
    return {
      code: 'vlm-equals-base',
      severity: 'info',
      tensors,
      message: `A sample of all ${slots.length} linear layers is the same in the VLM ${label} and the base ${checkpoints.base.label}${but}.`,
      remedy: 'The VLM kept its language model unchanged when it learnt to see. That is fine.',
    };
  return {
    code: 'lrm-equals-base',
    severity: 'error',
    tensors,
    message: adapted
      ? `The adapter ${label} changes nothing: in all ${slots.length} linear layers the product of its factors is zero in the sample, as before training.`
      : `A sample of all ${slots.length} linear layers is the same in the reasoning model ${label} and the base ${checkpoints.base.label}${but}.`,
    remedy: adapted
      ? 'There is nothing to merge. Choose the adapter as training left it.'
      : isRounded
        ? 'What a merge would add is the rounding from one type to the other, and no skill. Check whether this is the base once more, saved in another type.'
        : 'There is nothing to merge. Check whether one folder was chosen twice.',
  };
}

function lrmIsVlm(vlm: string, lrm: string, slots: readonly SlotInfo[]): Finding {
  return {
    code: 'lrm-equals-vlm',
    severity: 'error',
    tensors: slots.map(({ tensors }) => tensors.lrm),
    message: `In ${slots.length} sampled layers the reasoning model ${lrm} is the language model of the VLM ${vlm}.`,
    remedy:
      'A merge would add what the VLM learnt once more. Choose the reasoning model that it is to be merged with.',
  };
}

function judge(role: Tuned, checkpoints: PerRole<Checkpoint>, sampled: readonly Kinship[]): Finding[] {
  const known = sampled.filter(({ correlation }) => Number.isFinite(correlation));
  const flat = sampled.filter((one) => !known.includes(one));
  return [...ofKnown(role, checkpoints, known), ...(flat.length === 0 ? [] : [cannotCompare(role, flat)])];
}

function cannotCompare(role: Tuned, flat: readonly Kinship[]): Finding {
  const tensors = flat.map(({ tensor }) => tensor);
  return {
    code: `${role}-layers-constant`,
    severity: 'warning',
    tensors,
    message: `Nothing can be said of whether the ${roleNames[role]} was tuned from this base in ${tensors.join(', ')}: all sampled numbers there are equal, such as zeros, or some are no finite numbers, in it or in the base.`,
    remedy: `A merge would take the whole weights there for a change. Check whether the file is whole, or leave these layers out.`,
  };
}

function ofKnown(role: Tuned, checkpoints: PerRole<Checkpoint>, known: readonly Kinship[]): Finding[] {
  if (known.length === 0) return [];
  const tensors = known.map(({ tensor }) => tensor);
  const values = known.map(({ correlation }) => correlation);
  const range = `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)} in ${known.length} sampled layers`;
  if (median(values) < related) {
    const message = `The ${roleNames[role]} ${checkpoints[role].label} was not tuned from ${checkpoints.base.label}: their weights correlate by ${range}, where tuning leaves more than 0.9.`;
    return [
      {
        code: `${role}-not-from-base`,
        severity: 'error',
        tensors,
        message,
        remedy:
          role === 'lrm'
            ? 'The difference between the reasoning model and this base is noise to the VLM. Choose the base that it was tuned from.'
            : 'What the reasoning model learnt does not fit the weights of this VLM. Choose a VLM built on this base.',
      },
    ];
  }
  const foreign = known.filter(({ correlation }) => correlation < related);
  if (foreign.length > 0)
    return [
      {
        code: `${role}-layers-not-from-base`,
        severity: 'error',
        tensors: foreign.map(({ tensor }) => tensor),
        message: `The ${roleNames[role]} ${checkpoints[role].label} was tuned from ${checkpoints.base.label} in some layers and not in others: of ${known.length} sampled layers ${foreign.length} correlate by less than ${related} with the base (${foreign.map(({ tensor, correlation }) => `${tensor} by ${correlation.toFixed(3)}`).join(', ')}), where tuning leaves more than 0.9.`,
        remedy:
          'Their difference from the base is noise. Such layers were put in another order, trained anew or replaced: open the model as it was tuned, or leave out the layers that are concerned.',
      },
    ];
  const message = `The ${roleNames[role]} was tuned from this base: their weights correlate by ${range}.`;
  return [{ code: `${role}-from-base`, severity: 'info', tensors, message, remedy: 'Nothing to do.' }];
}
