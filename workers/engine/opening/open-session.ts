/** An open session as the engine holds it. */
import type { Role } from '../../../core/family/trio.ts';
import type { GateField } from '../../../core/gates/field.ts';
import type { LayerSelection } from '../../../core/family/selection.ts';
import type { Ability, Session } from '../../../protocol/session.ts';
import { StudioError } from '../../../core/errors.ts';
import type { LiveGates } from '../../distill/live-gates.ts';
import type { Checkpoint, ModelFolder } from '../../io/contract.ts';
import type { FactorStore } from '../../merge/factors.ts';
import type { DataSet } from './data-set.ts';
import type { Figures } from '../measuring/figures.ts';
import type { Forward } from '../forward.ts';
import type { TrioHashes } from './trio-identity.ts';
import type { Manifest, SetName } from './manifest.ts';
import type { OwnCalibration } from './own-calibration.ts';
import type { OutsideEnergy } from '../running/outside-energy.ts';

export interface OpenSession {
  /** As sent to the page, except that its gates are those at opening; `live` has the current ones. */
  readonly facts: Session;
  readonly live: LiveGates;
  /** Of what pairs, the layers that are open. */
  readonly selection: LayerSelection;
  /** Steps of the last run. */
  readonly training: { steps: number };
  readonly figures: Figures;
  readonly hashes: TrioHashes;
  /** In the order of `facts.slots`, in the basis `facts.basis`. */
  readonly factors: FactorStore;
  /** In the basis of opening, whatever the present one is; it is what every other basis is made of. */
  readonly svd: { readonly factors: FactorStore; readonly hashes: TrioHashes };
  /** Of the layers that could be merged and are not open. */
  readonly outside: OutsideEnergy;
  readonly folders: Readonly<Record<Role, ModelFolder>>;
  readonly checkpoints: Readonly<Record<Role, Checkpoint>>;
  readonly manifest: Manifest | null;
  readonly sets: Readonly<Record<SetName, DataSet | null>>;
  readonly traces: readonly string[] | null;
  readonly maxAnswerTokens: number;
  /** Calibration that a person brought, in place of the trio's. */
  readonly own: OwnCalibration | null;
  /** Null when the models' architectures cannot be run here; `facts.forward` says why. */
  readonly forward: Forward | null;
}

export function requireForward({ forward, facts }: OpenSession): Forward {
  if (forward) return forward;
  throw cannotRun(facts.forward.available ? '' : facts.forward.reason);
}

/** @param reason a whole sentence */
export const cannotRun = (reason: string): StudioError =>
  new StudioError('unsupported', `These models cannot be run here, but they can be merged. ${reason}`);

export const missingSet = (name: 'calibration' | Ability): StudioError =>
  new StudioError(
    'missing',
    name === 'calibration'
      ? 'This trio brings no calibration images, so it cannot be distilled that way. Choose images of your own to calibrate on, or set gates by hand.'
      : `This trio brings no ${name} set to measure on. Open it by a manifest that names one.`,
  );

/** A copy for the receiver to keep. */
export function copyField({ values, locks }: GateField): GateField {
  return { values: values.slice(), locks: locks.slice() };
}
