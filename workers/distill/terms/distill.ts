/**
 * L_distill = E_x [ KL( P(·|x; θ_vlm) ‖ P(·|x; θ_merged) ) ] (FRISM Eq. 8): the VLM teaches on unlabeled images with
 * perception questions, on the answers that it gave itself.
 */
import type { TeachingItem } from '../teaching.ts';
import { klTerm, type KlTermOptions } from './kl.ts';
import type { Term } from './term.ts';

export function distillItem(prompt: readonly number[], image: number, answer: readonly number[], positions: number): TeachingItem {
  return { teacherPrompt: prompt, studentPrompt: prompt, teacherImage: image, studentImage: image, answer, positions };
}

export const distillTerm = (options: Omit<KlTermOptions, 'name'>): Term => klTerm({ ...options, name: 'distill' });
