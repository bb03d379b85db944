/**
 * L = L_distill + α L_inject + β L_trace + γ L_composed (FRISM Eq. 10; β = γ = 0 as published): one number,
 * its parts, and the gradient with respect to the gates.
 */
import type { Losses } from '../../protocol/events.ts';
import type { Student } from './student.ts';
import type { Term } from './terms/term.ts';

export interface WeightedTerm {
  readonly term: Term;
  readonly weight: number;
}

export interface Objective {
  readonly losses: Losses;
  /** dL/dgate, float64. */
  readonly gradient: Float64Array;
}

/** Terms one after another: the activations of one at a time are in memory. */
export async function computeObjective(terms: readonly WeightedTerm[], student: Student): Promise<Objective> {
  const gradient = new Float64Array(student.gates.length);
  const parts: Record<Term['name'], number | null> = {
    distill: null,
    inject: null,
    trace: null,
    composed: null,
  };
  let total = 0;
  for (const { term, weight } of terms) {
    const result = await term.compute(student);
    parts[term.name] = result.loss;
    // A term of weight 0 is shown but has no say, not even by an infinity.
    if (weight === 0) continue;
    total += weight * result.loss;
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = (gradient[i] as number) + weight * (result.gradient[i] as number);
  }
  return {
    losses: {
      total,
      distill: parts.distill ?? 0,
      inject: parts.inject ?? 0,
      trace: parts.trace,
      composed: parts.composed,
    },
    gradient,
  };
}
