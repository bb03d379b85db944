/**
 * Opens a trio: finds its files, checks them, lays the models side by side, decomposes, and says what can be done with it.
 * Touches neither the device nor any session that is open.
 */
import { initialField } from '../../src/core/gates/field.ts';
import type { ModelSpec } from '../../src/core/family/model-spec.ts';
import { pairModels } from '../../src/core/family/pair-models.ts';
import { readModelSpec } from '../../src/core/family/read-spec.ts';
import type { OpenEvent } from '../../src/protocol/events.ts';
import type { ForwardSupport, ModelSummary, Role, TrioSource } from '../../src/protocol/session.ts';
import { LiveGates } from '../distill/liveGates.ts';
import { openCheckpoint } from '../io/checkpoint.ts';
import type { Checkpoint, FactorCache, ModelFolder } from '../io/contract.ts';
import { readDataSet, readTraces, type DataSet } from './dataSet.ts';
import { decompose } from './decompose.ts';
import { readExamples } from './examples.ts';
import { Forward } from './forward.ts';
import { planForward } from './forwardPlan.ts';
import { plainAnswerTokens, plainDefaults, plainSecondTeacher, type SetName } from './manifest.ts';
import { copyField, type OpenSession } from './openSession.ts';
import { progressMeter } from './progressMeter.ts';
import { findTrio, type OpenManifest, type TrioFolders } from './trioFolders.ts';
import { unchangedLayers } from './unchangedLayers.ts';

const roles = ['base', 'vlm', 'lrm'] as const;

export interface OpenParts {
  readonly openManifest: OpenManifest;
  readonly cache: FactorCache | Promise<FactorCache>;
}

export async function openTrio(id: string, source: TrioSource, { openManifest, cache }: OpenParts, onEvent: (event: OpenEvent) => void, signal: AbortSignal): Promise<OpenSession> {
  const trio = await findTrio(source, openManifest, signal);
  const checkpoints = await openCheckpoints(trio.folders, onEvent, signal);
  const specs = perRole((role) => readModelSpec(checkpoints[role].config, checkpoints[role].tensors.keys()));
  const { slots, layout, report } = pairModels(perRole((role) => ({ label: checkpoints[role].label, spec: specs[role], tensors: checkpoints[role].tensors })));

  const { sets, traces } = await readSets(trio, signal);
  const plan = await planForward(checkpoints, specs, signal);
  const factors = await decompose(checkpoints, slots, await cache, onEvent, signal);

  const { manifest } = trio;
  const support: ForwardSupport =
    typeof plan === 'string'
      ? { available: false, reason: plan }
      : {
          available: true,
          prompts: manifest?.prompts ?? [],
          examples: manifest ? await readExamples(manifest, sets, signal) : [],
          board: manifest?.board ?? null,
          calibrationItems: sets.calibration?.items.length ?? 0,
          perceptionItems: sets.perception?.items.length ?? 0,
          reasoningItems: sets.reasoning?.items.length ?? 0,
          secondTeacher: plan.sharedTokens && (traces !== null || (sets.composed !== null && manifest?.transcriptionPrompt !== null)),
        };
  const defaults = manifest?.defaults ?? plainDefaults;
  const gates = initialField(layout, defaults.gateMax);
  return {
    facts: {
      id,
      label: trio.label,
      models: perRole((role) => summarise(role, checkpoints[role], specs[role])),
      pairing: { ...report, findings: [...report.findings, ...unchangedLayers(factors.slots, slots)] },
      slots,
      layout,
      gates,
      forward: support,
      defaults,
      secondTeacherDefaults: manifest?.secondTeacher ?? plainSecondTeacher,
    },
    live: new LiveGates(copyField(gates)),
    training: { steps: 0 },
    factors,
    folders: trio.folders,
    checkpoints,
    manifest,
    sets,
    traces,
    maxAnswerTokens: manifest?.maxAnswerTokens ?? plainAnswerTokens,
    forward: typeof plan === 'string' ? null : new Forward(plan, factors, layout, sets),
  };
}

const perRole = <T>(make: (role: Role) => T): Record<Role, T> => ({ base: make('base'), vlm: make('vlm'), lrm: make('lrm') });

async function openCheckpoints(folders: Readonly<Record<Role, ModelFolder>>, onEvent: (event: OpenEvent) => void, signal: AbortSignal): Promise<Record<Role, Checkpoint>> {
  const opened: Partial<Record<Role, Checkpoint>> = {};
  // Headers only, so this counts models: weights are read as they are decomposed.
  const report = progressMeter({ stage: 'Opening models', total: roles.length, unit: 'items' }, (progress) => onEvent({ type: 'progress', progress }));
  for (const [i, role] of roles.entries()) {
    report(i);
    opened[role] = await openCheckpoint(folders[role], signal);
  }
  report(roles.length);
  return opened as Record<Role, Checkpoint>;
}

async function readSets({ manifest, beside }: TrioFolders, signal: AbortSignal) {
  const read = async (name: SetName): Promise<DataSet | null> => {
    const path = manifest?.data[name] ?? null;
    return path === null || !beside ? null : readDataSet(beside, path, name === 'perception' || name === 'reasoning', signal);
  };
  const sets = { calibration: await read('calibration'), composed: await read('composed'), perception: await read('perception'), reasoning: await read('reasoning') };
  const path = manifest?.data.traces ?? null;
  return { sets, traces: path === null || !beside ? null : await readTraces(beside, path, signal) };
}

function summarise(role: Role, { label, tensors, sizeBytes }: Checkpoint, { architecture }: ModelSpec): ModelSummary {
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
