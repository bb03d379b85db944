/**
 * Finds matrices of which a stretch is zeros where another model of the trio has weights: a download that was cut off
 * and padded, or a part of a file that never came. Tuning leaves no such stretch, and pruning none of this length.
 *
 * Looked at are the beginning, the middle and the end of each matrix, so that a stretch of half of it or more is always
 * seen, and a shorter one where it lies at one of these places.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { roleNames, type Role } from '../../../core/family/trio.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { sampleOf } from './weight-sample.ts';

/** Numbers at each place. */
const elements = 96;
const places = [0, 0.5, 1];
/** Places at which a matrix is looked at that has a stretch, to say how much of it is zeros. */
const manyPlaces = 64;
/** Matrices that are read at once. */
const readsAtOnce = 8;
/** Matrices that a message names; its finding lists all of them. */
const mostNamed = 5;

interface Stretch {
  readonly tensor: string;
  /** Part of the places that is zeros, 0 to 1. */
  readonly share: number;
}

/**
 * @param slots layers looked at
 * @param whole models whose weights are compared; an adapter has none of its own
 * @param zeros tensors that are known to be nothing but zeros
 */
export async function findZeroStretches(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  whole: readonly Role[],
  zeros: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const found: Record<Role, Stretch[]> = { base: [], vlm: [], lrm: [] };
  for (let i = 0; i < slots.length; i += readsAtOnce)
    await Promise.all(
      slots.slice(i, i + readsAtOnce).map(async ({ tensors }) => {
        const at = (role: Role, place: number) =>
          sampleOf(checkpoints[role], tensors[role], signal, elements, place);
        const striking = new Set<Role>();
        for (const place of places) {
          const samples = await Promise.all(whole.map((role) => at(role, place)));
          const empty = whole.filter((_, k) => isZero(samples[k] as Float32Array));
          if (empty.length < whole.length) empty.forEach((role) => striking.add(role));
        }
        for (const role of striking) {
          if (zeros.has(`${role} ${tensors[role]}`)) continue;
          let count = 0;
          for (let k = 0; k < manyPlaces; k++) if (isZero(await at(role, k / (manyPlaces - 1)))) count++;
          found[role].push({ tensor: tensors[role], share: count / manyPlaces });
        }
      }),
    );
  return whole
    .filter((role) => found[role].length > 0)
    .map((role) => finding(role, checkpoints[role].label, found[role], slots.length));
}

/** False of less than a stretch: a small matrix may be all zeros in one place by chance of its making. */
const isZero = (values: Float32Array): boolean => values.length > 0 && values.every((value) => value === 0);

function finding(role: Role, label: string, stretches: readonly Stretch[], looked: number): Finding {
  const said = stretches
    .slice(0, mostNamed)
    .map(({ tensor, share }) => `${tensor} (about ${Math.max(1, Math.round(100 * share))} % of it)`)
    .join(', ');
  const more = stretches.length - mostNamed;
  return {
    code: `${role}-zero-stretches`,
    severity: 'warning',
    tensors: stretches.map(({ tensor }) => tensor),
    message: `The ${roleNames[role]} ${label} holds stretches of zeros where the other models have weights, in ${stretches.length} of ${looked} linear layers that were sampled: ${said}${more > 0 ? ` and ${more} more` : ''}.`,
    remedy:
      'A download that broke off and was filled up looks so, and a merge would take the missing weights for a change. Fetch the file again; if it stays so, leave these layers out.',
  };
}
