/** Every list by which a file is read; `docs/what-is-read.md` is written from these. */
import { adapterConfigRules } from '../family/adapter-config.ts';
import { commonKeys } from '../family/config-keys/common-keys.ts';
import { ropeKeys, textKeys } from '../family/config-keys/text-keys.ts';
import { anyTower, anyWhole, towerKeys, wholeKeys } from '../family/config-keys/vision-keys.ts';
import { metadataRules } from '../safetensors/metadata.ts';
import { indexRules } from '../safetensors/shard-index.ts';
import * as dataSets from './data-set.ts';
import * as keptFigures from './kept-figures.ts';
import * as manifest from './manifest.ts';
import * as recipe from './recipe.ts';
import * as runCheckpoint from './run-checkpoint.ts';
import { generationConfigRules } from './generation-config.ts';
import { imageProcessorRules, imageSizeRules, processorRules } from './image-processor-config.ts';
import {
  addedTokensRules,
  specialTokensRules,
  tokenizerConfigRules,
  tokenizerRules,
} from './tokenizer-config.ts';
import { tokenizerPartRules } from './tokenizer-parts.ts';
import type { ReadRules } from './rules.ts';

/** Keys of several parts of config.json have a list of their own, and stand in another where it treats them otherwise. */
const without =
  (...shared: readonly ReadRules[]) =>
  (rules: ReadRules): ReadRules => ({
    ...rules,
    keys: Object.fromEntries(
      Object.entries(rules.keys).filter(([key, rule]) => !shared.some(({ keys }) => keys[key] === rule)),
    ),
  });

export const readFiles: readonly ReadRules[] = [
  commonKeys,
  anyWhole,
  ...Object.values(wholeKeys).map(without(commonKeys, anyWhole)),
  ...[textKeys, ropeKeys].map(without(commonKeys)),
  anyTower,
  ...Object.values(towerKeys).map(without(commonKeys, anyTower)),
  adapterConfigRules,
  generationConfigRules,
  tokenizerRules,
  tokenizerPartRules,
  tokenizerConfigRules,
  specialTokensRules,
  addedTokensRules,
  processorRules,
  imageProcessorRules,
  imageSizeRules,
  metadataRules,
  indexRules,
  ...Object.values(manifest),
  ...Object.values(dataSets),
  ...Object.values(recipe),
  ...Object.values(runCheckpoint),
  ...Object.values(keptFigures),
];
