/** Every list by which a file is read; `docs/what-is-read.md` is written from these. */
import { adapterConfigRules } from '../family/adapter-config.ts';
import { metadataRules } from '../safetensors/metadata.ts';
import { indexRules } from '../safetensors/shard-index.ts';
import type { ReadRules } from './rules.ts';

export const readFiles: readonly ReadRules[] = [adapterConfigRules, metadataRules, indexRules];
