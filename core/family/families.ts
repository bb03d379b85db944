/**
 * The families of vision-language models that can be run: one line each. A family that stands here and not in
 * workers/nn/families/registry.ts, or the other way round, is a compile error there.
 */
import { idefics3 } from './idefics3/family.ts';
import { internVl } from './internvl/family.ts';
import { llavaOneVision } from './llava-onevision/family.ts';
import { llava } from './llava/family.ts';
import { qwen2Vl } from './qwen2-vl/family.ts';

export const families = {
  idefics3,
  llava,
  'llava-onevision': llavaOneVision,
  internvl: internVl,
  'qwen2-vl': qwen2Vl,
} as const;

export type FamilyId = keyof typeof families;

/** The spec of one family. */
export type SpecOf<Id extends FamilyId> = Exclude<
  ReturnType<(typeof families)[Id]['read']>,
  { readonly reason: string }
>;

export type VisionLanguageSpec = { [Id in FamilyId]: SpecOf<Id> }[FamilyId];

/** The family that an architecture belongs to; null where none is run. */
export function familyOf(architecture: string): FamilyId | null {
  const ids = Object.keys(families) as FamilyId[];
  return ids.find((id) => Object.hasOwn(families[id].architectures, architecture)) ?? null;
}
