/** What the engine measured and which runs left which gates: what recipes and model cards carry. */
import * as v from 'valibot';
import { readKeptFigures, type KeptFigures } from '../../../core/recipe/kept-figures.ts';
import { part } from './part.ts';

const isFigures = (value: unknown): value is KeptFigures => {
  try {
    readKeptFigures(value);
    return true;
  } catch {
    return false;
  }
};

export const figuresPart = part({
  shape: v.strictObject({
    figures: v.nullable(v.custom<KeptFigures>(isFigures, 'What was kept of the measurements is damaged.')),
  }),
  keep: ({ figures }) => ({ figures }),
  restore({ figures: kept }, { figures }) {
    if (kept) figures.giveBack(kept);
  },
});
