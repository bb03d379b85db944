/**
 * Prepares a run: checks its options, lets the teachers answer (once a session), and puts the objective
 * together.
 */
import { StudioError } from '../../../core/errors.ts';
import { gateEnergies } from '../../../core/gates/budget.ts';
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import { optionRow, type DistillOptions } from '../../../core/objective/options.ts';
import {
  termRow,
  termRows,
  termsOf,
  weightOf,
  type Material,
  type TermId,
} from '../../../core/objective/terms.ts';
import type { Teacher } from '../../distill/calibration.ts';
import type { WeightedTerm } from '../../distill/objective.ts';
import type { Prepared } from '../../distill/run.ts';
import { teach, type TeachingSet } from '../../distill/teaching-set.ts';
import { termMakers } from '../../distill/terms/index.ts';
import type { Brought, TeachingJob, TermParts } from '../../distill/terms/term.ts';
import type { DataSet } from '../opening/data-set.ts';
import type { Forward } from '../forward.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import { tracesOf } from '../opening/trio-settings.ts';

/** Why this session cannot be distilled with these options, or nothing. */
export function checkDistillable(session: OpenSession, options: DistillOptions): void {
  const forward = requireForward(session);
  for (const id of termsOf(options)) {
    const lacking = termMakers[id].lacks(broughtBy(session));
    if (lacking === null) continue;
    const weight = weightName(id);
    const instead =
      weight === null
        ? 'Choose images of your own to calibrate on, or set gates by hand.'
        : 'Gates can still be set by hand and exported.';
    const what = weight === null ? lacking : `${lacking} (${weight} > 0)`;
    throw new StudioError(
      'missing',
      `This trio brings no ${what}, so it cannot be distilled that way. ${instead}`,
    );
  }
  const byReasoner = termRows.filter(([, { lessons }]) => lessons?.teacher === 'lrm').map(([id]) => id);
  if (byReasoner.some((id) => termsOf(options).includes(id)) && !forward.plan.sharedTokens) {
    throw new StudioError(
      'mismatch',
      `The reasoning model uses other tokens than the VLM, so it cannot be a second teacher. Set ${byReasoner.map(weightName).join(' and ')} to 0.`,
    );
  }
}

/** As in "β"; null for a term whose weight is 1. */
function weightName(id: TermId): string | null {
  const { weight } = termRow(id);
  return weight === null ? null : optionRow(weight).symbol;
}

export async function prepare(
  session: OpenSession,
  options: DistillOptions,
  asked: Asked,
): Promise<Prepared> {
  const forward = requireForward(session);
  const { signal } = asked;
  const onVlm = loading(session, 'vlm', asked);
  const model = await forward.text(signal, onVlm);
  const computed = termsOf(options);

  // All features before anything else: a run has no use for the tower, and its memory is what the factors
  // take next.
  for (const id of computed) {
    const set = termRow(id).lessons?.material;
    if (set === undefined || set === 'traces') continue;
    if (!forward.hasFeatures(set, requireSet(session, set).images)) await forward.vision(signal, onVlm);
    await featuresOf(session, forward, set, asked);
  }
  forward.releaseVision();

  const parts: TermParts = {
    options,
    brought: broughtBy(session),
    energies: gateEnergies(
      session.facts.layout,
      session.factors.slots.map(({ s }) => s),
    ),
    outsideEnergy: await session.outside.of(asked),
    model,
    vlmPrompter: forward.plan.vlm.prompter,
    images: (material) => featuresOf(session, forward, withImages(material), asked),
    vlm: async (material) => forward.vlmTeacher(await parts.images(material), signal),
    lrm: () => forward.lrmTeacher(signal, loading(session, 'lrm', asked)),
    taught: (id, teacher, make) => {
      const maxTokens =
        termRow(id).lessons?.material === 'composed' ? session.maxAnswerTokens : answerTokens(session);
      return kept(forward, id, { ...asked, maxTokens, teacherTopK: options.teacherTopK }, teacher, make);
    },
  };
  const terms: WeightedTerm[] = [];
  for (const id of computed)
    terms.push({ term: await termMakers[id].make(parts), weight: weightOf(termRow(id), options) });
  return {
    terms,
    factors: await forward.factors(signal, loadingFactors(session, asked)),
    vlm: model.linears,
  };
}

type Asked = Pick<TeachingJob, 'onDone' | 'signal'>;
type ImageMaterial = Exclude<Material, 'traces'>;

function withImages(material: Material): ImageMaterial {
  if (material === 'traces') throw new StudioError('internal', 'Text prompts have no images.');
  return material;
}

function loading({ checkpoints }: OpenSession, role: 'vlm' | 'lrm', job: Asked): (bytes: number) => void {
  const name = role === 'vlm' ? 'Loading the VLM' : 'Loading the reasoning model';
  const total = checkpoints[role].sizeBytes;
  let done = 0;
  return (bytes) => {
    // The first tensor of a large model takes its time.
    if (done === 0) job.onDone(name, 0, total, 'bytes');
    job.onDone(name, (done += bytes), total, 'bytes');
  };
}

function loadingFactors({ facts }: OpenSession, job: Asked): (bytes: number) => void {
  const total = factorBytes(facts.layout, facts.slots);
  let done = 0;
  return (bytes) => {
    if (done === 0) job.onDone('Loading the factors', 0, total, 'bytes');
    job.onDone('Loading the factors', (done += bytes), total, 'bytes');
  };
}

function featuresOf(session: OpenSession, forward: Forward, name: ImageMaterial, job: Asked) {
  const count = requireSet(session, name).images;
  return forward.setFeatures(name, count, (done) => job.onDone('Looking at images', done, count), job.signal);
}

/** Answers outlive a run; with another `teacherTopK` only the distributions are asked again. */
async function kept(
  forward: Forward,
  name: TermId,
  job: TeachingJob,
  teacher: () => Promise<Teacher>,
  make: (teacher: Teacher, job: TeachingJob) => Promise<TeachingSet>,
): Promise<TeachingSet> {
  const known = forward.teaching.get(name);
  if (known?.teacherTopK === job.teacherTopK) return known;
  const asked = await teacher();
  const set = known
    ? await teach(asked, known.items, {
        ...job,
        vocabulary: known.vocabulary,
        onDone: (done) => job.onDone('Teacher’s distributions', done, known.items.length),
      })
    : await make(asked, job);
  forward.teaching.set(name, set);
  return set;
}

const calibrationOf = ({ own, sets }: OpenSession): DataSet | null => own?.set ?? sets.calibration;

const answerTokens = ({ own, maxAnswerTokens }: OpenSession): number =>
  own?.maxAnswerTokens ?? maxAnswerTokens;

function requireSet(session: OpenSession, name: ImageMaterial): DataSet {
  const set = name === 'calibration' ? calibrationOf(session) : session.sets.composed;
  if (!set) throw new StudioError('missing', `This trio brings no ${name} images.`);
  return set;
}

const questionsOf = (set: DataSet) => set.items.map(({ image, prompt }) => ({ image, text: prompt }));

function broughtBy(session: OpenSession): Brought {
  const calibration = calibrationOf(session);
  const { composed } = session.sets;
  return {
    calibration: calibration && questionsOf(calibration),
    composed: composed && questionsOf(composed),
    traces: tracesOf(session),
    transcriptionPrompt: session.manifest?.transcriptionPrompt ?? null,
  };
}
