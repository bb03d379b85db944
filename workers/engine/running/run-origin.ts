/**
 * On what a run is made, and whether an interrupted run can go on in a session: with other layers, gates, options,
 * weights or prompts it would be another run that looks like the same one, so it is refused. On another device it
 * can go on, but other bits follow, which is said.
 */
import { StudioError } from '../../../core/errors.ts';
import { describeBasis, isSvd, sameBasis, svdBasis } from '../../../core/gates/basis.ts';
import { optionRow, optionRows, type DistillOptions } from '../../../core/objective/options.ts';
import type { LessonMark, RunCheckpoint, RunOrigin } from '../../../core/runs/run-checkpoint.ts';
import type { BackendReport } from '../../../protocol/engine.ts';
import { sha256Hex } from '../../io/hash.ts';
import { spread } from '../opening/weight-sample.ts';
import type { OpenSession } from '../opening/open-session.ts';

export type Device = Pick<BackendReport, 'backend' | 'adapter'>;

/** Layers of which the VLM's weights are sampled. */
const sampledLayers = 8;
/** Relative; what different decompositions of one matrix leave between its norms is far less. */
const sameNorm = 1e-4;

export async function originOf(
  session: OpenSession,
  device: Device,
  lessons: readonly LessonMark[],
  signal: AbortSignal,
): Promise<RunOrigin> {
  return {
    backend: device.backend,
    adapter: device.adapter,
    slots: layersOf(session),
    budget: session.facts.layout.budget,
    ...(!isSvd(session.facts.basis) && { basis: session.facts.basis }),
    ...(await weightsOf(session, signal)),
    lessons,
  };
}

/** By what the weights are known again, with small reads: enough to tell others from them, not to prove them. */
export async function weightsOf(
  { facts, factors, hashes }: OpenSession,
  signal: AbortSignal,
): Promise<Pick<RunOrigin, 'factors' | 'vlm'>> {
  const sampled = spread(facts.slots, sampledLayers).map(({ tensors }) => tensors.vlm);
  return {
    factors: await sha256Hex(factors.names.join('\n')),
    vlm: await hashes.sampled('vlm', sampled, signal),
  };
}

const layersOf = ({ factors }: OpenSession): RunOrigin['slots'] =>
  factors.slots.map(({ id, rank, s }) => ({
    id,
    rank,
    norm: Math.sqrt(s.reduce((sum, each) => sum + each * each, 0)),
  }));

/** Throws `mismatch` where the session's layers, its budget or the options are not those of the run. Reads nothing. */
export function checkSameRun(
  session: OpenSession,
  options: DistillOptions,
  { origin, ...run }: RunCheckpoint,
): void {
  const other = optionRows.find(([key]) => options[key] !== run.options[key]);
  if (other) {
    const [key, { name }] = other;
    throw refusal(
      `was begun with ${String(run.options[key])} for “${name}”, and is to go on with ${String(options[key])}`,
      `Set ${optionRow(key).symbol} back`,
      { option: key, value: String(options[key]) },
    );
  }
  const layers = layersOf(session);
  const of = (count: number): string => `${count} ${count === 1 ? 'layer' : 'layers'}`;
  const wrong = layers.find(({ id, rank }, i) => id !== origin.slots[i]?.id || rank !== origin.slots[i].rank);
  if (wrong || layers.length !== origin.slots.length) {
    const which = wrong ? ` ${wrong.id} of rank ${wrong.rank} is not where it has it.` : '';
    throw refusal(
      `has gates for ${of(origin.slots.length)}, and ${of(layers.length)} are open.${which}`,
      'Open the models and layers that it was made of',
      { value: wrong?.id ?? layers.length },
    );
  }
  const foreign = layers.find(
    ({ norm }, i) => !(Math.abs(norm - (origin.slots[i]?.norm ?? NaN)) <= sameNorm * norm),
  );
  if (foreign)
    throw refusal(
      `was made of other models: the reasoning difference of ${foreign.id} has another size here`,
      'Open the models that it was made of',
      { tensor: foreign.id, value: foreign.norm },
    );
  const { basis } = session.facts;
  const made = origin.basis ?? svdBasis;
  // Norms are the same in every basis, and the gates would be of other pieces.
  if (!sameBasis(basis, made))
    throw refusal(
      `has its gates in the basis of ${describeBasis(made)}, and the session has ${describeBasis(basis)}`,
      'Choose the basis that it was made in',
      { value: made.id },
    );
  const { budget } = session.facts.layout;
  if (budget !== origin.budget)
    throw refusal(
      `has ${budgetWords(origin.budget)}, and the session has ${budgetWords(budget)}`,
      'Set the subspace budget back',
      { value: budget ?? 0 },
    );
}

const budgetWords = (budget: number | null): string =>
  budget === null ? 'a gate for each subspace' : `gates of their own for ${budget} subspaces of a layer`;

/**
 * Why the run will not go on to the same bits, each reason a clause; none where it will. Throws `mismatch` where
 * weights or prompts are others.
 */
export function differences(from: RunOrigin, now: RunOrigin): readonly string[] {
  if (from.vlm !== now.vlm)
    throw refusal('was made with a VLM of other weights', 'Open the VLM that it was made with', {});
  for (const [i, lesson] of now.lessons.entries()) {
    const before = from.lessons[i];
    if (before?.prompts === lesson.prompts && before.items === lesson.items) continue;
    throw refusal(
      `learnt (${lesson.term}) from ${before?.items ?? 0} prompts, and the ${lesson.items} that there are now are others`,
      'Calibrate on the images and questions that it began with',
      { value: lesson.term },
    );
  }
  const reasons: string[] = [];
  const place = ({ backend, adapter }: RunOrigin): string =>
    `${backend}${adapter === null ? '' : ` (${adapter})`}`;
  if (place(from) !== place(now)) reasons.push(`it began on ${place(from)} and goes on with ${place(now)}`);
  if (from.factors !== now.factors)
    reasons.push('the layers were decomposed again, by another kernel or device');
  if (from.lessons.some(({ answers }, i) => answers !== now.lessons[i]?.answers))
    reasons.push(
      'the teachers do not see or answer exactly as they did: the images are others of the same sizes, or browser, graphics driver or device are',
    );
  return reasons;
}

/** @param what goes behind "The interrupted run" @param way goes before ", or start a new run" */
function refusal(what: string, way: string, details: StudioError['details']): StudioError {
  const stop = what.endsWith('.') ? '' : '.';
  return new StudioError(
    'mismatch',
    `The interrupted run ${what}${stop} It would go on as another run. ${way}, or start a new run.`,
    { details },
  );
}
