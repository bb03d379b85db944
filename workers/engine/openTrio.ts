/**
 * Opens a trio: finds its files, checks them, lays the models side by side, decomposes, and says what can be done with it.
 * Touches neither the device nor any session that is open.
 */
import { initialField } from '../../src/core/gates/field.ts';
import type { OpenEvent } from '../../src/protocol/events.ts';
import type { ForwardSupport, TrioSource } from '../../src/protocol/session.ts';
import { LiveGates } from '../distill/liveGates.ts';
import type { FactorCache } from '../io/contract.ts';
import { readDataSet, readTraces, type DataSet } from './dataSet.ts';
import type { PauseSwitch } from '../pool/pauseSwitch.ts';
import { decompose, type SvdWorkers } from './decompose.ts';
import { readExamples } from './examples.ts';
import { Figures } from './figures.ts';
import { Forward } from './forward.ts';
import { planForward } from './forwardPlan.ts';
import { plainAnswerTokens, plainDefaults, plainSecondTeacher, type SetName } from './manifest.ts';
import { atHand, findKinship } from './kinship.ts';
import { copyField, type OpenSession } from './openSession.ts';
import { expectWeights, readTrio } from './readTrio.ts';
import type { TrioFolders, TrioPlaces } from './trioFolders.ts';
import { unchangedLayers } from './unchangedLayers.ts';

export interface OpenParts extends TrioPlaces {
  readonly cache: FactorCache | Promise<FactorCache>;
  readonly workers: SvdWorkers;
}

export interface OpenJob {
  readonly onEvent: (event: OpenEvent) => void;
  readonly signal: AbortSignal;
  readonly pause?: PauseSwitch;
  /** Cache entries that the session now open reads. */
  readonly keep?: ReadonlySet<string>;
}

export async function openTrio(id: string, source: TrioSource, { cache, workers, ...places }: OpenParts, { onEvent, signal, pause, keep }: OpenJob): Promise<OpenSession> {
  const { trio, checkpoints, specs, models, slots, layout, report } = await readTrio(source, places, (progress) => onEvent({ type: 'progress', progress }), signal);
  expectWeights(source, checkpoints, slots, places);
  onEvent({ type: 'paired', slots: structuredClone(slots) });
  const { sets, traces } = await readSets(trio, signal);
  const plan = await planForward(checkpoints, specs, signal);
  const factors = await decompose({ checkpoints, slots, cache: await cache, workers, keep, onEvent, signal, pause });

  const read = await findKinship(checkpoints, slots, atHand(source).includes('lrm') ? [] : ['lrm'], signal);

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
      models,
      pairing: { ...report, findings: [...report.findings, ...read, ...unchangedLayers(factors.slots, slots)] },
      slots,
      layout,
      gates,
      forward: support,
      defaults,
      secondTeacherDefaults: manifest?.secondTeacher ?? plainSecondTeacher,
    },
    live: new LiveGates(copyField(gates)),
    training: { steps: 0 },
    figures: new Figures(),
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

async function readSets({ manifest, beside }: TrioFolders, signal: AbortSignal) {
  const read = async (name: SetName): Promise<DataSet | null> => {
    const path = manifest?.data[name] ?? null;
    return path === null || !beside ? null : readDataSet(beside, path, name === 'perception' || name === 'reasoning', signal);
  };
  const sets = { calibration: await read('calibration'), composed: await read('composed'), perception: await read('perception'), reasoning: await read('reasoning') };
  const path = manifest?.data.traces ?? null;
  return { sets, traces: path === null || !beside ? null : await readTraces(beside, path, signal) };
}
