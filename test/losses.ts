/** Losses for tests, of which only some terms are named: the others were not computed. */
import { makeLosses, type Losses } from '../core/objective/terms.ts';

export const lossesOf = ({ total = 0, ...known }: Partial<Losses>): Losses =>
  makeLosses(total, (id) => known[id] ?? null);
