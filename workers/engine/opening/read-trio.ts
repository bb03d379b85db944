/**
 * A trio from its headers alone: config.json and safetensors headers of three models, checked and compared.
 * No weight is read. A failure that concerns one model names it in `details.role`.
 */
import type { Role } from '../../../core/family/trio.ts';
import type { ModelSpec } from '../../../core/family/model-spec.ts';
import { pairModels, type Pairing } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { ModelSummary, SlotInfo, TrioSource } from '../../../protocol/session.ts';
import { isAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { allFindings } from './all-findings.ts';
import { atHand } from './kinship.ts';
import { openAdapterOn } from './open-adapter.ts';
import { progressMeter } from '../progress-meter.ts';
import { perRole, together, type PerRole } from '../roles.ts';
import { findTrio, type TrioFolders, type TrioPlaces } from './trio-folders.ts';

export interface TrioHeaders extends Pairing {
  readonly trio: TrioFolders;
  readonly checkpoints: PerRole<Checkpoint>;
  readonly specs: PerRole<ModelSpec>;
  readonly models: PerRole<ModelSummary>;
}

export async function readTrio(
  source: TrioSource,
  places: TrioPlaces,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<TrioHeaders> {
  // Headers only, so this counts models: weights are read as they are decomposed.
  const tell = progressMeter({ stage: 'Opening models', total: 3, unit: 'items' }, onProgress);
  let done = 0;
  tell(done);
  const trio = await findTrio(source, places, signal);
  let opening: Promise<Checkpoint> | undefined;
  const base = (both: AbortSignal) => (opening ??= openCheckpoint(trio.folders.base, both));
  const open = async (role: Role, both: AbortSignal): Promise<Checkpoint> => {
    const folder = trio.folders[role];
    if (role === 'base') return base(both);
    // An adapter is read on top of the base.
    return role === 'lrm' && (await isAdapter(folder, both))
      ? openAdapterOn(folder, await base(both), both)
      : openCheckpoint(folder, both);
  };
  const opened = await together(signal, async (role, both) => {
    const checkpoint = await open(role, both);
    const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
    tell(++done);
    return { checkpoint, spec };
  });
  const checkpoints = perRole((role) => opened[role].checkpoint);
  const specs = perRole((role) => opened[role].spec);
  const pairing = pairModels(
    perRole((role) => ({
      label: checkpoints[role].label,
      spec: specs[role],
      config: checkpoints[role].config,
      tensors: checkpoints[role].tensors,
      adapted: checkpoints[role].adapted,
      dequantised: checkpoints[role].dequantised,
    })),
  );
  const report = {
    ...pairing.report,
    findings: await allFindings(checkpoints, pairing, atHand(source), signal),
  };
  return {
    ...pairing,
    report,
    trio,
    checkpoints,
    specs,
    models: perRole((role) => summarise(role, checkpoints[role], specs[role])),
  };
}

/** Weights of base and LRM that decomposing `slots` will fetch; of an adapter its factors alone. */
export function expectWeights(
  source: TrioSource,
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  { expect }: TrioPlaces,
): void {
  if (source.kind !== 'parts') return;
  const { adapted } = checkpoints.lrm;
  let bytes = 0;
  for (const role of adapted ? (['lrm'] as const) : (['base', 'lrm'] as const)) {
    if (!('kind' in source[role])) continue;
    for (const { tensors } of slots)
      bytes += (adapted ?? checkpoints[role].tensors).get(tensors[role])?.sizeBytes ?? 0;
  }
  if (bytes > 0) expect?.(bytes);
}

function summarise(
  role: Role,
  { label, tensors, sizeBytes }: Checkpoint,
  { architecture }: ModelSpec,
): ModelSummary {
  const all = [...tensors.values()];
  return {
    role,
    label,
    architecture,
    tensors: all.length,
    parameters: all.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),
    sizeBytes,
    dtypes: [...new Set(all.map(({ dtype }) => dtype))],
  };
}
