/**
 * What a subspace budget means for the open trio, before it is chosen: gates, and device memory for the
 * factors. Pure.
 */
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import { hasTail, makeLayout } from '../../../core/gates/field.ts';
import type { Session } from '../../../protocol/session.ts';

export interface BudgetFacts {
  /** As it will be: null too where every subspace has its own gate after all. */
  readonly budget: number | null;
  readonly gates: number;
  readonly bytes: number;
  /** Change of the bytes against all subspaces, ≤ 0. */
  readonly share: number;
  /** Matrices with a tail. */
  readonly tails: number;
}

/** @param wanted k ≥ 1 or null */
export function budgetFacts({ slots }: Pick<Session, 'slots'>, wanted: number | null): BudgetFacts {
  const layout = makeLayout(slots, wanted);
  const bytes = factorBytes(layout, slots);
  const full = factorBytes(makeLayout(slots), slots);
  return {
    budget: layout.budget,
    gates: layout.size,
    bytes,
    share: full > 0 ? bytes / full - 1 : 0,
    tails: layout.slots.filter(hasTail).length,
  };
}

const usual = [16, 32, 64, 128, 256];

/** All, and the usual numbers that leave a tail. */
export function budgetChoices(session: Pick<Session, 'slots'>): BudgetFacts[] {
  return [null, ...usual]
    .map((k) => budgetFacts(session, k))
    .filter(({ budget }, i) => i === 0 || budget !== null);
}

/** A typed number of subspaces; null where it is none. */
export function parseBudget(text: string): number | null {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return /^\d{1,6}$/.test(trimmed) && value >= 1 ? value : null;
}
