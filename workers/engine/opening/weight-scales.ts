/**
 * Finds matrices whose weights are of another size than the base's: all zeros, or scaled as a whole. Kinship does not
 * see either, because a correlation is the same at any scale, and because it looks at a few layers alone.
 *
 * Measured is ‖θ‖/‖θ_base‖ over the same few numbers of both. In the demo trio it lies between 0.99 and 1.03, and
 * ‖θ_lrm − θ_base‖/‖θ_base‖ between 0.12 and 0.20. Even of unrelated models of one size the latter is 1.4.
 */
import { roleNames, type Role } from '../../../core/family/trio.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { adaptedSample, sampleOf, spread } from './weight-sample.ts';

/** Layers looked at where each costs more than a short read: over a network, and of an adapter. */
const fewLayers = 8;
/** Numbers of each matrix, and of one that is striking. */
const fewElements = 256;
const manyElements = 2 ** 18;
/** From here on, and from its inverse down, a size is another one. */
const another = 2;
/** Matrices that are read at once. */
const readsAtOnce = 8;
/** Matrices that a message names; its finding lists all of them. */
const mostNamed = 5;

type Tuned = 'lrm' | 'vlm';

interface Size {
  readonly tensor: string;
  /** ‖θ‖/‖θ_base‖, of an adapter ‖Δ‖/‖θ_base‖. */
  readonly ratio: number;
}

/** @param roles of which models this is said */
export async function findScales(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  roles: readonly Tuned[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const emptyInBase = new Set<string>();
  for (const role of roles) {
    const { adapted } = checkpoints[role];
    const chosen = chosenLayers(checkpoints, slots, [role, 'base']);
    const measure = adapted ? changeOf : sizeOf;
    const sizes: Size[] = [];
    for (let i = 0; i < chosen.length; i += readsAtOnce) {
      const some = chosen.slice(i, i + readsAtOnce);
      const measured = await Promise.all(some.map((slot) => measure(checkpoints, role, slot, signal)));
      sizes.push(...measured.filter((size) => size !== null));
    }
    chosen.forEach(({ tensors }) => {
      if (sizes.some(({ tensor, ratio }) => tensor === tensors[role] && ratio === Infinity))
        emptyInBase.add(tensors.base);
    });
    const known = sizes.filter(({ ratio }) => ratio < Infinity);
    if (adapted) findings.push(...changesTooLarge(checkpoints.lrm.label, known, chosen.length));
    else findings.push(...judge(role, checkpoints[role].label, known, chosen.length));
  }
  if (emptyInBase.size > 0) findings.push(baseIsZero(checkpoints.base.label, [...emptyInBase]));
  return findings;
}

/** All layers, or a few where each costs more than a short read. */
export function chosenLayers(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  models: readonly Role[],
): readonly SlotInfo[] {
  const isCostly = models.some(
    (role) => checkpoints[role].adapted !== undefined || checkpoints[role].remote === true,
  );
  return isCostly ? spread(slots, fewLayers) : slots;
}

/** Null where nothing strikes: sizes are alike, both are zeros, or there are no numbers to compare. */
async function sizeOf(
  checkpoints: PerRole<Checkpoint>,
  role: Tuned,
  { tensors }: SlotInfo,
  signal: AbortSignal,
): Promise<Size | null> {
  for (const elements of [fewElements, manyElements]) {
    const of = async (which: Role) =>
      norm(await sampleOf(checkpoints[which], tensors[which], signal, elements));
    const ratio = (await of(role)) / (await of('base'));
    if (!isAnother(ratio)) return null;
    if (elements === manyElements) return { tensor: tensors[role], ratio };
  }
  return null;
}

async function changeOf(
  { base, lrm }: PerRole<Checkpoint>,
  _: Tuned,
  { tensors }: SlotInfo,
  signal: AbortSignal,
): Promise<Size | null> {
  const change = await adaptedSample(lrm, tensors.lrm, signal);
  if (!change) return null;
  const ratio = norm(change) / norm(await sampleOf(base, tensors.base, signal));
  return ratio > another ? { tensor: tensors.lrm, ratio } : null;
}

/** False of NaN, which is 0/0 or comes of values that are refused elsewhere. */
const isAnother = (ratio: number): boolean => ratio > another || ratio < 1 / another;

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

function judge(role: Tuned, label: string, sizes: readonly Size[], looked: number): Finding[] {
  const zeros = sizes.filter(({ ratio }) => ratio === 0).map(({ tensor }) => tensor);
  const scaled = sizes.filter(({ ratio }) => ratio !== 0);
  const who = `The ${roleNames[role]} ${label}`;
  const findings: Finding[] = [];
  if (zeros.length > 0)
    findings.push({
      code: `${role}-layers-zero`,
      severity: 'warning',
      tensors: zeros,
      message: `${who} holds nothing but zeros where the base has weights, in ${zeros.length} of ${looked} linear layers that were sampled: ${some(zeros)}.`,
      remedy:
        role === 'lrm'
          ? 'A merge would take the whole matrix of the base away from the VLM there. Fetch the file again; if it stays so, leave these layers out.'
          : 'The merged model would have nothing but the change of the reasoning model there. Fetch the file again; if it stays so, the VLM is damaged.',
    });
  if (scaled.length > 0)
    findings.push({
      code: `${role}-scale-differs`,
      severity: 'warning',
      tensors: scaled.map(({ tensor }) => tensor),
      message: `${who} has weights of another size than the base in ${scaled.length} of ${looked} linear layers that were sampled, where tuning leaves the size within a few percent: ${some(scaled.map(({ tensor, ratio }) => `${tensor} is ${times(ratio)} times as large`))}.`,
      remedy:
        role === 'lrm'
          ? 'Its difference from the base is mostly that scale, and a merge would add it to the VLM. Check how the file was made, or leave these layers out.'
          : 'What the reasoning model learnt is of the size of the base and does not fit these weights. Check how the file was made, or leave these layers out.',
    });
  return findings;
}

function changesTooLarge(label: string, sizes: readonly Size[], looked: number): Finding[] {
  if (sizes.length === 0) return [];
  return [
    {
      code: 'lrm-scale-differs',
      severity: 'warning',
      tensors: sizes.map(({ tensor }) => tensor),
      message: `The adapter ${label} changes weights by more than twice their own size in ${sizes.length} of ${looked} linear layers that were sampled, where tuning changes them by a small part of it: ${some(sizes.map(({ tensor, ratio }) => `${tensor} by ${times(ratio)} times its size`))}.`,
      remedy:
        'Such a change replaces what the VLM knows. Check lora_alpha, r and use_rslora in adapter_config.json, and that this is the base that the adapter was trained on.',
    },
  ];
}

const baseIsZero = (label: string, tensors: readonly string[]): Finding => ({
  code: 'base-layers-zero',
  severity: 'warning',
  tensors,
  message: `The base ${label} holds nothing but zeros in ${tensors.length} sampled linear layers where other models have weights: ${some(tensors)}.`,
  remedy:
    'The whole matrix of the reasoning model would count as its change there. Fetch the file of the base again; if it stays so, leave these layers out.',
});

const times = (ratio: number): string => String(Number(ratio.toPrecision(3)));

function some(named: readonly string[]): string {
  const more = named.length - mostNamed;
  return `${named.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
