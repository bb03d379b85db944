/** Every list by which a file is read; `docs/what-is-read.md` is written from these. */
import { adapterConfigRules } from '../family/adapter-config.ts';
import type { ReadRules } from './rules.ts';

export const readFiles: readonly ReadRules[] = [adapterConfigRules];
