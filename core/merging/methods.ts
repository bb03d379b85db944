/** Every merge method, in the order in which people see them. A new one is a file in `methods/` and a row here. */
import { isGateMethod, isStreamMethod, type Method } from './method.ts';
import { aboveNoise } from './methods/above-noise.ts';
import { br2v } from './methods/br2v.ts';
import { dareL1 } from './methods/dare-l1.ts';
import { dare } from './methods/dare.ts';
import { della } from './methods/della.ts';
import { isoC } from './methods/iso-c.ts';
import { layerWise } from './methods/layer-wise.ts';
import { level } from './methods/level.ts';
import { selectiveRlDirect } from './methods/selective-rl-direct.ts';
import { selectiveRlHeadline } from './methods/selective-rl-headline.ts';
import { slerp } from './methods/slerp.ts';
import { taskArithmetic } from './methods/task-arithmetic.ts';
import { ties } from './methods/ties.ts';
import { topK } from './methods/top-k.ts';
import { topShare } from './methods/top-share.ts';

const registry = [
  taskArithmetic,
  layerWise,
  level,
  topK,
  topShare,
  aboveNoise,
  selectiveRlDirect,
  isoC,
  ties,
  dare,
  dareL1,
  della,
  br2v,
  slerp,
  selectiveRlHeadline,
] as const;

export type MethodId = (typeof registry)[number]['id'];

export const methods: readonly (Method & { readonly id: MethodId })[] = registry;
export const gateMethods = methods.filter(isGateMethod);
export const streamMethods = methods.filter(isStreamMethod);
