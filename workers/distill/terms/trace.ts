/**
 * L_trace = E_t [ KL( P(·|t; θ_lrm) ‖ P(·|t; θ_merged as text model) ) ]: the LRM teaches on unlabeled text
 * prompts, on its own greedy answers. An extension of this project (docs: the second teacher); weight 0 is
 * FRISM as published.
 */
import type { Taught, TeachingItem } from '../teaching.ts';
import { klTerm, type KlTermOptions } from './kl.ts';
import type { Term } from './term.ts';

/** Each side gets the prompt in its own chat template. */
export function traceItem(
  lrmPrompt: readonly number[],
  vlmPrompt: readonly number[],
  taught: Taught,
): TeachingItem {
  return {
    teacherPrompt: lrmPrompt,
    studentPrompt: vlmPrompt,
    teacherImage: null,
    studentImage: null,
    ...taught,
  };
}

export const traceTerm = (options: Omit<KlTermOptions, 'name' | 'images' | 'imageTokenId'>): Term =>
  klTerm({ ...options, images: null, imageTokenId: null, name: 'trace' });
