/**
 * Before a run: checks its options, has the teachers answer (once a session), and puts the objective
 * together.
 */
import { StudioError } from '../../../core/errors.ts';
import { gateEnergies } from '../../../core/gates/budget.ts';
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import {
  calibrateComposed,
  calibrateDistill,
  calibrateTrace,
  type CalibrationJob,
  type Teacher,
} from '../../distill/calibration.ts';
import type { WeightedTerm } from '../../distill/objective.ts';
import { createSampler, seededRandom } from '../../distill/random.ts';
import type { Prepared } from '../../distill/run.ts';
import { teach, type TeachingSet } from '../../distill/teaching-set.ts';
import { composedTerm } from '../../distill/terms/composed.ts';
import { distillTerm } from '../../distill/terms/distill.ts';
import { injectTerm } from '../../distill/terms/inject.ts';
import { traceTerm } from '../../distill/terms/trace.ts';
import type { DataSet } from '../opening/data-set.ts';
import type { Forward } from '../forward.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import { tracesOf } from '../opening/trio-settings.ts';

/** Why this session cannot be distilled with these options, or nothing. */
export function checkDistillable(session: OpenSession, { beta, gamma }: DistillOptions): void {
  const forward = requireForward(session);
  const missing = (what: string, instead = 'Gates can still be set by hand and exported.') =>
    new StudioError('missing', `This trio brings no ${what}, so it cannot be distilled that way. ${instead}`);
  if (!calibrationOf(session))
    throw missing('calibration images', 'Choose images of your own to calibrate on, or set gates by hand.');
  if (beta > 0 && !tracesOf(session)) throw missing('text prompts for the reasoning model (β > 0)');
  if (gamma > 0 && !session.sets.composed) throw missing('images for the second teacher (γ > 0)');
  if (gamma > 0 && !session.manifest?.transcriptionPrompt)
    throw missing('transcription prompt for the second teacher (γ > 0)');
  if ((beta > 0 || gamma > 0) && !forward.plan.sharedTokens) {
    throw new StudioError(
      'mismatch',
      'The reasoning model uses other tokens than the VLM, so it cannot be a second teacher. Set β and γ to 0.',
    );
  }
}

export async function prepare(
  session: OpenSession,
  options: DistillOptions,
  asked: Omit<Job, 'teacherTopK'>,
): Promise<Prepared> {
  const job: Job = { ...asked, teacherTopK: options.teacherTopK };
  const forward = requireForward(session);
  const onVlm = loading(session, 'vlm', job);
  const text = await forward.text(job.signal, onVlm);
  const terms: WeightedTerm[] = [];
  const { imageTokenId } = forward.plan.vlm.prompter;
  const common = (set: TeachingSet, stream: number) => ({
    set,
    model: text,
    imageTokenId,
    batchSize: options.batchSize,
    sample: createSampler(set.items.length, seededRandom(options.seed, stream)),
  });

  // All features before anything else: a run has no use for the tower, and its memory is what the factors
  // take next.
  const looked = async (name: 'calibration' | 'composed') => {
    if (!forward.hasFeatures(name, requireSet(session, name).images)) await forward.vision(job.signal, onVlm);
    return featuresOf(session, forward, name, job);
  };
  const images = await looked('calibration');
  const composedImages = options.gamma > 0 ? await looked('composed') : null;
  forward.releaseVision();

  terms.push({
    term: distillTerm({ ...common(await teachDistill(session, forward, job), 0), images }),
    weight: 1,
  });
  terms.push({
    term: injectTerm(
      gateEnergies(
        session.facts.layout,
        session.factors.slots.map(({ s }) => s),
      ),
    ),
    weight: options.alpha,
  });
  if (options.beta > 0)
    terms.push({ term: traceTerm(common(await teachTrace(session, forward, job), 1)), weight: options.beta });
  if (options.gamma > 0) {
    const set = await teachComposed(session, forward, job);
    terms.push({ term: composedTerm({ ...common(set, 2), images: composedImages }), weight: options.gamma });
  }
  return {
    terms,
    factors: await forward.factors(job.signal, loadingFactors(session, job)),
    vlm: text.linears,
  };
}

/** What a run asks of its calibration. */
type Job = Omit<CalibrationJob, 'maxTokens' | 'vocabulary'>;

function loading({ checkpoints }: OpenSession, role: 'vlm' | 'lrm', job: Job): (bytes: number) => void {
  const name = role === 'vlm' ? 'Loading the VLM' : 'Loading the reasoning model';
  let done = 0;
  return (bytes) => job.onDone(name, (done += bytes), checkpoints[role].sizeBytes, 'bytes');
}

function loadingFactors({ facts }: OpenSession, job: Job): (bytes: number) => void {
  const total = factorBytes(facts.layout, facts.slots);
  let done = 0;
  return (bytes) => job.onDone('Loading the factors', (done += bytes), total, 'bytes');
}

function featuresOf(session: OpenSession, forward: Forward, name: 'calibration' | 'composed', job: Job) {
  const count = requireSet(session, name).images;
  return forward.setFeatures(name, count, (done) => job.onDone('Looking at images', done, count), job.signal);
}

async function teachDistill(session: OpenSession, forward: Forward, job: Job): Promise<TeachingSet> {
  const teacher = async () =>
    forward.vlmTeacher(await featuresOf(session, forward, 'calibration', job), job.signal);
  return kept(forward, 'distill', job, teacher, async (vlm) =>
    calibrateDistill(vlm, questionsOf(requireSet(session, 'calibration')), {
      ...job,
      maxTokens: answerTokens(session),
      vocabulary: vlm.model.vocabulary,
    }),
  );
}

async function teachTrace(session: OpenSession, forward: Forward, job: Job): Promise<TeachingSet> {
  return kept(
    forward,
    'trace',
    job,
    () => reasoner(session, forward, job),
    async (lrm) => {
      const text = await forward.text(job.signal);
      const vocabulary = Math.min(text.vocabulary, lrm.model.vocabulary);
      return calibrateTrace(lrm, forward.plan.vlm.prompter, tracesOf(session) ?? [], {
        ...job,
        maxTokens: answerTokens(session),
        vocabulary,
      });
    },
  );
}

async function teachComposed(session: OpenSession, forward: Forward, job: Job): Promise<TeachingSet> {
  return kept(
    forward,
    'composed',
    job,
    () => reasoner(session, forward, job),
    async (lrm) => {
      const vlm = await forward.vlmTeacher(await featuresOf(session, forward, 'composed', job), job.signal);
      const vocabulary = Math.min(vlm.model.vocabulary, lrm.model.vocabulary);
      const prompt = session.manifest?.transcriptionPrompt ?? '';
      return calibrateComposed(vlm, lrm, questionsOf(requireSet(session, 'composed')), prompt, {
        ...job,
        maxTokens: session.maxAnswerTokens,
        vocabulary,
      });
    },
  );
}

const reasoner = (session: OpenSession, forward: Forward, job: Job) =>
  forward.lrmTeacher(job.signal, loading(session, 'lrm', job));

/** Answers outlive a run; with another `teacherTopK` only the distributions are asked again. */
async function kept(
  forward: Forward,
  name: 'distill' | 'trace' | 'composed',
  job: Job,
  teacher: () => Promise<Teacher>,
  make: (teacher: Teacher) => Promise<TeachingSet>,
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
    : await make(asked);
  forward.teaching.set(name, set);
  return set;
}

const calibrationOf = ({ own, sets }: OpenSession): DataSet | null => own?.set ?? sets.calibration;

const answerTokens = ({ own, maxAnswerTokens }: OpenSession): number =>
  own?.maxAnswerTokens ?? maxAnswerTokens;

function requireSet(session: OpenSession, name: 'calibration' | 'composed'): DataSet {
  const set = name === 'calibration' ? calibrationOf(session) : session.sets.composed;
  if (!set) throw new StudioError('missing', `This trio brings no ${name} images.`);
  return set;
}

const questionsOf = (set: DataSet) => set.items.map(({ image, prompt }) => ({ image, text: prompt }));
