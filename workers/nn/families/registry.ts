/** The device's side of every family: one line each. A family of core/family/families.ts that lacks one does not compile. */
import type { FamilyId, SpecOf, VisionLanguageSpec } from '../../../core/family/families.ts';
import type { DeviceFamily } from './device-family.ts';
import { idefics3 } from './idefics3/family.ts';
import { internVl } from './internvl/family.ts';
import { llavaOneVision } from './llava-onevision/family.ts';
import { llava } from './llava/family.ts';
import { qwen2Vl } from './qwen2-vl/family.ts';

const deviceFamilies: { readonly [Id in FamilyId]: DeviceFamily<SpecOf<Id>> } = {
  idefics3,
  llava,
  'llava-onevision': llavaOneVision,
  internvl: internVl,
  'qwen2-vl': qwen2Vl,
};

/** Takes this spec and, by its type, any other: give it no spec but the one it was asked for. */
export function deviceFamily(spec: VisionLanguageSpec): DeviceFamily<VisionLanguageSpec> {
  return deviceFamilies[spec.family] as DeviceFamily<VisionLanguageSpec>;
}
