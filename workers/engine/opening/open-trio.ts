/**
 * Opens a trio: finds its files, checks them, compares the models, decomposes, and says what can be done with
 * it. It touches neither the device nor any session that is open.
 */
import {
  checkSelection,
  describeSelection,
  selectsAll,
  selectSlots,
  type LayerSelection,
} from '../../../core/family/selection.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { svdBasis } from '../../../core/gates/basis.ts';
import { initialField, makeLayout } from '../../../core/gates/field.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { ForwardSupport, Need, SlotInfo, TrioSource } from '../../../protocol/session.ts';
import { LiveGates } from '../../distill/live-gates.ts';
import type { FactorCache } from '../../io/contract.ts';
import { readDataSet, readTraces, type DataSet } from './data-set.ts';
import type { PauseSwitch } from '../../pool/pause-switch.ts';
import { decompose, type SvdWorkers } from '../decomposing/decompose.ts';
import { checkExamples, readExamples } from '../asking/examples.ts';
import { Figures } from '../measuring/figures.ts';
import { OutsideEnergy } from '../running/outside-energy.ts';
import { Forward, type ForwardPlan } from '../forward.ts';
import { planFindings, planForward } from '../forward-plan.ts';
import { plainAnswerTokens, type SetName } from './manifest.ts';
import { atHand } from './kinship.ts';
import { memoryFacts, openingSample } from './memory-facts.ts';
import { cannotRun, copyField, missingSet, type OpenSession } from './open-session.ts';
import { TrioHashes } from './trio-identity.ts';
import { expectWeights, readTrio } from './read-trio.ts';
import type { TrioFolders, TrioPlaces } from './trio-folders.ts';
import { trioSettings } from './trio-settings.ts';
import { findVocabularies } from './vocabulary.ts';
import { sampleFindings, setFindings, unwrittenLessons } from './set-findings.ts';
import { sampledFindings } from './sampled-findings.ts';
import { unchangedLayers } from './unchanged-layers.ts';

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

export async function openTrio(
  id: string,
  source: TrioSource,
  { cache, workers, ...places }: OpenParts,
  { onEvent, signal, pause, keep }: OpenJob,
): Promise<OpenSession> {
  const selection = checkSelection(source.selection);
  const { trio, checkpoints, specs, models, report, ...paired } = await readTrio(
    source,
    places,
    (progress) => onEvent({ type: 'progress', progress }),
    signal,
  );
  const slots = selectSlots(paired.slots, selection);
  const layout = makeLayout(slots);
  expectWeights(source, checkpoints, slots, places);
  const { sets, traces } = await readSets(trio, signal);
  const plan = await planForward(checkpoints, specs, signal);
  checkNeeds(source.needs ?? [], plan, sets);
  // What no sample was taken of when headers were read, because it comes over a network. Decomposing takes far
  // longer, and reads most of it anyway.
  const late =
    atHand(source).length === 2
      ? []
      : [
          ...(await sampledFindings(checkpoints, slots, ['lrm', 'vlm'], signal)),
          ...(await findVocabularies(checkpoints, ['lrm', 'vlm'], signal)),
        ];
  const { manifest } = trio;
  const answerTokens = manifest?.maxAnswerTokens ?? plainAnswerTokens;
  const isRunnable = typeof plan !== 'string';
  const { sample, findings: ofCalibration } = isRunnable
    ? await openingSample(
        { plan, calibration: sets.calibration, composed: sets.composed, traces, answerTokens },
        signal,
      )
    : { sample: null, findings: [] };
  const shown = isRunnable && manifest ? await readExamples(manifest, sets, signal) : null;
  const read = late.filter(({ code }) => !report.findings.some((known) => known.code === code));
  const told: readonly Finding[] = [
    ...report.findings,
    ...read,
    ...(isRunnable ? planFindings(plan) : []),
    ...ofCalibration,
    ...(shown?.findings ?? []),
    ...(isRunnable && sample ? sampleFindings(plan, checkpoints, sample) : []),
    ...(isRunnable
      ? unwrittenLessons({ calibration: sets.calibration, traces }, checkpoints.vlm.label, plan)
      : []),
    ...(isRunnable ? setFindings({ label: checkpoints.vlm.label, plan, sets, answerTokens }, signal) : []),
  ];
  onEvent({ type: 'paired', slots: structuredClone(slots), findings: structuredClone(told) });
  const factors = await decompose({
    checkpoints,
    slots,
    cache: await cache,
    workers,
    keep,
    onEvent,
    signal,
    pause,
  });

  const settings = trioSettings({ manifest, sets, traces }, typeof plan === 'string' ? null : plan, null);
  const support: ForwardSupport =
    typeof plan === 'string'
      ? { available: false, reason: plan }
      : {
          available: true,
          prompts: manifest?.prompts ?? [],
          examples: shown?.examples ?? [],
          board: manifest?.board ?? null,
          calibrationItems: settings.calibrationItems,
          tracePrompts: traces?.length ?? 0,
          perceptionItems: sets.perception?.items.length ?? 0,
          reasoningItems: sets.reasoning?.items.length ?? 0,
          secondTeacher: settings.secondTeacher,
          cutsImages: plan.vlm.preprocessor.whole !== null,
        };
  const { defaults, secondTeacherDefaults } = settings;
  const gates = initialField(layout, defaults.gateMax);
  const hashes = new TrioHashes(checkpoints, factors);
  return {
    facts: {
      id,
      label: trio.label,
      models,
      pairing: {
        matched: slots.length,
        findings: [
          ...chosenLayers(selection, slots.length, paired.slots.length),
          ...told,
          ...unchangedLayers(factors.slots, slots),
        ],
      },
      slots,
      layout,
      basis: svdBasis,
      gates,
      forward: support,
      memory: memoryFacts({ checkpoints, specs, slots, workers: workers.spawn ? workers.count : 1 }, sample),
      defaults,
      secondTeacherDefaults,
    },
    selection,
    live: new LiveGates(copyField(gates)),
    training: { steps: 0 },
    figures: new Figures(),
    hashes,
    factors,
    svd: { factors, hashes },
    outside: new OutsideEnergy(checkpoints, notOpen(paired.slots, slots)),
    folders: trio.folders,
    checkpoints,
    manifest,
    sets,
    traces,
    maxAnswerTokens: answerTokens,
    own: null,
    forward: typeof plan === 'string' ? null : new Forward(plan, factors, layout, sets),
  };
}

/** Throws what using the models would throw after they were decomposed. */
function checkNeeds(
  needs: readonly Need[],
  plan: ForwardPlan | string,
  sets: Readonly<Record<SetName, DataSet | null>>,
): void {
  if (needs.length === 0) return;
  if (typeof plan === 'string') throw cannotRun(plan);
  for (const need of needs) if (need !== 'running' && !sets[need]) throw missingSet(need);
}

function notOpen(all: readonly SlotInfo[], open: readonly SlotInfo[]): readonly SlotInfo[] {
  const ids = new Set(open.map(({ id }) => id));
  return all.filter(({ id }) => !ids.has(id));
}

function chosenLayers(selection: LayerSelection, chosen: number, all: number): Finding[] {
  if (selectsAll(selection)) return [];
  const message = `${chosen} of ${all} linear layers are open: ${describeSelection(selection)}.`;
  return [
    {
      code: 'layers-chosen',
      severity: 'info',
      tensors: [],
      message,
      remedy: 'The others stay the VLM’s, byte for byte in an export.',
    },
  ];
}

async function readSets({ manifest, beside }: TrioFolders, signal: AbortSignal) {
  const read = async (name: SetName): Promise<DataSet | null> => {
    const path = manifest?.data[name] ?? null;
    return path === null || !beside
      ? null
      : readDataSet(beside, path, name === 'perception' || name === 'reasoning', signal);
  };
  const sets = {
    calibration: await read('calibration'),
    composed: await read('composed'),
    perception: await read('perception'),
    reasoning: await read('reasoning'),
  };
  if (manifest) checkExamples(manifest, sets);
  const path = manifest?.data.traces ?? null;
  return { sets, traces: path === null || !beside ? null : await readTraces(beside, path, signal) };
}
