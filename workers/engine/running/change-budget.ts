/**
 * Gives an open session another subspace budget. Its gates are mapped, and everything else stays as it was.
 * No tensor is touched.
 */
import { mapField } from '../../../core/gates/budget.ts';
import { makeLayout } from '../../../core/gates/field.ts';
import { LiveGates } from '../../distill/live-gates.ts';
import type { OpenSession } from '../opening/open-session.ts';

/** @param budget k ≥ 1, or null for a gate to each subspace. Throws `bad-request` for what is neither. */
export function underBudget(session: OpenSession, budget: number | null): OpenSession {
  const { facts, live, factors } = session;
  const layout = makeLayout(factors.slots, budget);
  const gates = mapField(
    live,
    facts.layout,
    layout,
    factors.slots.map(({ s }) => s),
  );
  return { ...session, facts: { ...facts, layout, gates }, live: new LiveGates(gates, live.revision) };
}
