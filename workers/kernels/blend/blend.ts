/** The blend of contract.ts: in vectors where there are any, in plain loops elsewhere, with the same bits. */
import type { BlendBfloat16 } from './contract.ts';
import { plainBlend } from './plain.ts';
import { openSimdBlend } from './simd.ts';

let opened: BlendBfloat16 | undefined;

export const blendBfloat16: BlendBfloat16 = (own, reasoning, origin, lambda) =>
  (opened ??= openSimdBlend() ?? plainBlend)(own, reasoning, origin, lambda);
