/** Checkpoints of the fake engine's runs: whole and acceptable, with an optimiser that remembers nothing. */
import type { GateField } from '../../core/gates/field.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import { termRow, termsOf, type Losses } from '../../core/objective/terms.ts';
import {
  divergenceWindow,
  runCheckpointVersion,
  type RunCheckpoint,
} from '../../core/runs/run-checkpoint.ts';
import type { Session } from '../../protocol/session.ts';

const hash = '0'.repeat(64);

export function fakeCheckpoint(at: {
  readonly session: Session;
  readonly field: GateField;
  readonly options: DistillOptions;
  readonly step: number;
  readonly losses: Losses | null;
  readonly stepMs: number;
}): RunCheckpoint {
  const { session, field, options, step, losses } = at;
  const { size, budget } = session.layout;
  const nothing = (): Float64Array => new Float64Array(size);
  return {
    version: runCheckpointVersion,
    options,
    step,
    gates: { values: field.values.slice(), locks: field.locks.slice() },
    touched: new Uint8Array(size),
    optimiser: { logits: nothing(), first: nothing(), second: nothing(), ages: new Uint32Array(size) },
    lastFinite: step === 0 ? null : field.values.slice(),
    losses,
    divergence: {
      first: 0.6,
      recent: Array.from({ length: Math.min(step, divergenceWindow) }, () => losses?.distill ?? 0),
    },
    elapsedMs: step * at.stepMs,
    origin: {
      backend: 'wasm',
      adapter: null,
      slots: session.slots.map(({ id, rank }) => ({ id, rank, norm: 1 })),
      budget,
      factors: hash,
      vlm: hash,
      lessons: termsOf(options)
        .filter((id) => termRow(id).lessons !== null)
        .map((term) => ({ term, items: 1, prompts: hash, answers: hash })),
    },
  };
}
