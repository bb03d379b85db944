/** What is said of a run in log, notices and snapshots: its number, where it starts from, and what it was told. */
import { initialField, type GateField, type GateLayout } from '../../core/gates/field.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import { gatesInForce } from './gates-in-force.ts';
import type { RunStart, RunView, Snapshot } from './records.ts';
import { isRunActive } from './run-state.ts';
import type { StudioState } from './types.ts';

/** Half open where every gate that a run may move is. */
export function runStart({ values, locks }: GateField, layout: GateLayout, gateMax: number): RunStart {
  const half = initialField(layout, gateMax).values;
  return values.every((value, i) => locks[i] === 1 || Math.abs(value - (half[i] ?? 0)) < 1e-6)
    ? 'half-open'
    : 'present';
}

const startWords: Readonly<Record<RunStart, string>> = {
  'half-open': 'starts from half-open gates',
  present: 'goes on from the gates as they are',
};

export const runBegins = (
  { number, start }: { readonly number: number; readonly start: RunStart },
  { lambda, alpha, steps, seed }: DistillOptions,
): string =>
  `Run ${number} ${startWords[start]}, with λ ${lambda}, α ${alpha}, ${steps} steps and seed ${seed}.`;

export const runEnded = ({ number, state, step }: RunView): string =>
  state === 'finished'
    ? `Run ${number} has finished after ${step} steps.`
    : `Run ${number} was stopped at step ${step}.`;

/** All that a snapshot was made by: `step 150 of run 2, λ 1.2, α 0.6, seed 1, from half-open gates`. */
export function snapshotOrigin({ step, lambda, run }: Snapshot): string {
  if (!run) return `set by hand, λ ${lambda}`;
  const start = run.start === 'half-open' ? 'half-open gates' : 'the gates before it';
  return `step ${step} of run ${run.number}, λ ${lambda}, α ${run.alpha}, seed ${run.seed}, from ${start}`;
}

/** Of the last gates asked about: the Run button asks after every change of the store. */
let asked: { readonly gates: GateField; readonly goesOn: boolean } | null = null;

/** Would a run begin from what an earlier one, or its stopping, left? A paused run only resumes. */
export function goesOn(state: Pick<StudioState, 'session' | 'run' | 'options' | 'gates' | 'peek'>): boolean {
  const { session, run, options } = state;
  if (!session || run.number === 0 || isRunActive(run)) return false;
  const gates = gatesInForce(state);
  if (asked?.gates !== gates)
    asked = { gates, goesOn: runStart(gates, session.layout, options.gateMax) === 'present' };
  return asked.goesOn;
}
