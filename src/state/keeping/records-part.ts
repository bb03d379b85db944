/** Snapshots, also deleted ones that can be had back, and what was measured. */
import * as v from 'valibot';
import { passJobs } from '../context.ts';
import type { DeletedSnapshot, Measurement, Snapshot } from '../records.ts';
import { isOfBudget } from './gates-part.ts';
import { part } from './part.ts';
import { budget, evaluation, gateField, list, methodChoice, real, text, whole } from './shapes.ts';

const snapshot: v.GenericSchema<unknown, Snapshot> = v.strictObject({
  id: text(200),
  label: text(1000),
  step: whole(1e6),
  lambda: real(),
  run: v.nullable(
    v.strictObject({
      number: whole(1e6),
      start: v.picklist(['half-open', 'present']),
      alpha: real(),
      seed: whole(),
    }),
  ),
  gates: gateField,
  budget,
  evaluation: v.nullable(evaluation),
  origin: v.picklist(['run', 'edit', 'manual', 'result']),
});

const measurement: v.GenericSchema<unknown, Measurement> = v.strictObject({
  id: text(1000),
  kind: v.picklist(['vlm', 'task-arithmetic', 'snapshot', 'current', 'method']),
  label: text(1000),
  lambda: real(),
  step: v.nullable(whole(1e6)),
  evaluation,
  revision: whole(),
  gates: v.nullable(gateField),
  budget,
  method: v.exactOptional(methodChoice),
});

const deleted: v.GenericSchema<unknown, DeletedSnapshot> = v.strictObject({
  snapshot,
  at: whole(10_000),
  point: v.nullable(measurement),
});

export const recordsPart = part({
  shape: v.strictObject({
    snapshots: list(snapshot, 10_000),
    deleted: list(deleted, 1000),
    measurements: list(measurement, 10_000),
    evaluationItems: v.nullable(whole(1e9)),
  }),
  keep: ({ snapshots, deleted: gone, measurements, evaluationItems }) => ({
    snapshots: [...snapshots],
    deleted: [...gone],
    measurements: [...measurements],
    evaluationItems,
  }),
  misfit(kept, state) {
    const fields = [
      ...kept.snapshots,
      ...kept.deleted.map(({ snapshot: gone }) => gone),
      ...kept.measurements,
      ...kept.deleted.flatMap(({ point }) => (point ? [point] : [])),
    ];
    return fields.every(({ gates, budget: own }) => !gates || isOfBudget(gates.values.length, own, state))
      ? null
      : 'A snapshot or a measurement of the session has another number of gates than these models.';
  },
  restore(kept, { context }) {
    // Names that are given from now on must be others.
    passJobs([...kept.snapshots, ...kept.deleted.map(({ snapshot: gone }) => gone)].map(({ id }) => id));
    context.set(kept);
  },
});
