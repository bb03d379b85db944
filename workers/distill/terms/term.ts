/**
 * A term of the objective (Eq. 10 and the second teacher): a number and its gradient with respect to the
 * gates.
 */
import type { Student } from '../student.ts';

export interface TermResult {
  readonly loss: number;
  /** dLoss/dgate, length of the gate layout. */
  readonly gradient: Float32Array;
}

export interface Term {
  readonly name: 'distill' | 'inject' | 'trace' | 'composed';
  /** Draws its own batch where it needs one. The student stays the caller's. */
  compute(student: Student): Promise<TermResult>;
}
