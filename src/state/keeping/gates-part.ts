/** The gates in force, what the optimiser wanted of them, which of them are in a file already, and their history. */
import * as v from 'valibot';
import { makeLayout } from '../../../core/gates/field.ts';
import { gatesInForce } from '../gates-in-force.ts';
import type { HistoryEntry } from '../records.ts';
import type { StudioState } from '../types.ts';
import { part } from './part.ts';
import { budget, gateField, gateValues, list, mostGates, runOptions, text } from './shapes.ts';

const setup = v.strictObject({ budget, options: runOptions });

const entry: v.GenericSchema<unknown, HistoryEntry> = v.pipe(
  v.strictObject({
    label: text(1000),
    indices: v.pipe(
      v.instance(Uint32Array),
      v.check(
        (indices) => indices.every((index) => index < mostGates),
        'An edit is of a gate that cannot be.',
      ),
    ),
    before: gateField,
    after: gateField,
    setup: v.exactOptional(v.strictObject({ before: setup, after: setup })),
  }),
  v.check(
    ({ indices, before, after, setup: changed }) =>
      changed !== undefined ||
      (indices.length === before.values.length && indices.length === after.values.length),
    'An edit has not one value for each of its gates.',
  ),
);

/** Is there one gate for each that a budget makes of the open models? */
export const isOfBudget = (gates: number, kept: number | null, { session }: StudioState): boolean =>
  gates === makeLayout(session?.slots ?? [], kept).size;

/** More than the history holds. */
const mostEntries = 1000;

export const gatesPart = part({
  shape: v.strictObject({
    /** That of the session. */
    budget,
    gates: gateField,
    autoGates: gateValues,
    savedGates: v.nullable(gateField),
    undo: list(entry, mostEntries),
    redo: list(entry, mostEntries),
  }),
  keep: (state) => ({
    budget: state.session?.layout.budget ?? null,
    gates: gatesInForce(state),
    autoGates: state.autoGates,
    savedGates: state.savedGates,
    undo: [...state.undoStack],
    redo: [...state.redoStack],
  }),
  misfit(kept, state) {
    const whole = isOfBudget(kept.gates.values.length, kept.budget, state);
    const same = kept.autoGates.length === kept.gates.values.length;
    const setups = [...kept.undo, ...kept.redo].every(
      ({ setup: changed, before, after }) =>
        !changed ||
        (isOfBudget(before.values.length, changed.before.budget, state) &&
          isOfBudget(after.values.length, changed.after.budget, state)),
    );
    return whole && same && setups ? null : 'The session has another number of gates than these models.';
  },
  restore({ gates, autoGates, savedGates, undo, redo }, { context, keeper }) {
    keeper.overwrite(gates);
    context.set({ autoGates, savedGates, undoStack: undo, redoStack: redo });
  },
});
