/**
 * L_distill = E_x [ KL( P(·|x; θ_vlm) ‖ P(·|x; θ_merged) ) ] (FRISM Eq. 8): the VLM teaches on unlabeled
 * images with perception questions, on the answers that it gave itself.
 */
import type { Taught, TeachingItem } from '../teaching.ts';
import { klTerm, type KlTermOptions } from './kl.ts';
import type { Term } from './term.ts';

export function distillItem(prompt: readonly number[], image: number, taught: Taught): TeachingItem {
  return {
    teacherPrompt: prompt,
    studentPrompt: prompt,
    teacherImage: image,
    studentImage: image,
    ...taught,
  };
}

export const distillTerm = (options: Omit<KlTermOptions, 'name'>): Term =>
  klTerm({ ...options, name: 'distill' });
