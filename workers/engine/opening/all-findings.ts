/** All that is found in three models before anything is computed: by opening each, by comparing them, by a sample. */
import type { Finding, PairingReport } from '../../../core/family/pairing.ts';
import { roles } from '../../../core/family/trio.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';
import { sampledFindings } from './sampled-findings.ts';
import { findVocabularies } from './vocabulary.ts';

/** @param sampled models of which a sample is cheap, or which will be read whole anyway */
export async function allFindings(
  checkpoints: PerRole<Checkpoint>,
  { slots, report }: { readonly slots: readonly SlotInfo[]; readonly report: PairingReport },
  sampled: readonly ('lrm' | 'vlm')[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return [
    ...roles.flatMap((role) => checkpoints[role].findings ?? []),
    ...report.findings,
    ...(await findVocabularies(checkpoints, sampled, signal)),
    ...(await sampledFindings(checkpoints, slots, sampled, signal)),
  ];
}
