/**
 * L_composed = E_x [ KL( P(·|text(x); θ_lrm) ‖ P(·|x; θ_merged) ) ]: the LRM reasons on what the VLM
 * transcribed from image x, the student must do it on the image; answer positions only, aligned token by
 * token. An extension of this project; weight 0 is FRISM as published.
 */
import type { Taught, TeachingItem } from '../teaching.ts';
import { klTerm, type KlTermOptions } from './kl.ts';
import type { Term } from './term.ts';

export function composedItem(
  lrmPrompt: readonly number[],
  imagePrompt: readonly number[],
  image: number,
  taught: Taught,
): TeachingItem {
  return {
    teacherPrompt: lrmPrompt,
    studentPrompt: imagePrompt,
    teacherImage: null,
    studentImage: image,
    ...taught,
  };
}

export const composedTerm = (options: Omit<KlTermOptions, 'name'>): Term =>
  klTerm({ ...options, name: 'composed' });
