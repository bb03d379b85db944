/** What a sample of the weights tells of three models; each thing is said once. */
import type { Finding } from '../../../core/family/pairing.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { findKinship } from './kinship.ts';
import { findLeftOutChanges } from './left-out-changes.ts';
import { chosenLayers, findScales } from './weight-scales.ts';
import { findZeroStretches } from './zero-stretches.ts';

/** @param roles models of which a sample is cheap, or which will be read whole anyway */
export async function sampledFindings(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  roles: readonly ('lrm' | 'vlm')[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (roles.length === 0) return [];
  const scales = await findScales(checkpoints, slots, roles, signal);
  const zeros = zeroTensors(scales);
  const models = (['base', ...roles] as const).filter((role) => !checkpoints[role].adapted);
  // The whole matrix of another model would count as its change there.
  const full = slots.filter(({ tensors }) => models.every((role) => !zeros.has(`${role} ${tensors[role]}`)));
  const looked = chosenLayers(checkpoints, slots, models);
  return [
    ...(await findKinship(checkpoints, full, roles, signal)),
    ...scales,
    ...(roles.includes('lrm') ? await findLeftOutChanges(checkpoints, signal) : []),
    ...(await findZeroStretches(checkpoints, looked, models, zeros, signal)),
  ];
}

/** Role and name of each tensor that is said to be nothing but zeros. */
const zeroTensors = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(
    findings.flatMap(({ code, tensors }) => {
      const role = /^(base|vlm|lrm)-layers-zero$/.exec(code)?.[1];
      return role === undefined ? [] : tensors.map((tensor) => `${role} ${tensor}`);
    }),
  );
