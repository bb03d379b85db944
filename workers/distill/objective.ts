/**
 * The objective L, the weighted sum of its terms (FRISM Eq. 10; core/objective/terms.ts): one number, its parts,
 * and the gradient with respect to the gates.
 */
import { makeLosses, type Losses, type TermId } from '../../core/objective/terms.ts';
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
  const parts = new Map<TermId, number>();
  let total = 0;
  for (const { term, weight } of terms) {
    const result = await term.compute(student);
    parts.set(term.id, result.loss);
    // A term of weight 0 is shown but has no say, not even by an infinity.
    if (weight === 0) continue;
    total += weight * result.loss;
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = (gradient[i] as number) + weight * (result.gradient[i] as number);
  }
  // A term that is always computed may be left out by a test alone; it then counts as nothing.
  const losses = makeLosses(total, (id, { onlyWeighted }) => parts.get(id) ?? (onlyWeighted ? null : 0));
  return { losses, gradient };
}
