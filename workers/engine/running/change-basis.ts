/** Gives an open session another basis: other pieces of the same task vectors, with gates that start anew. */
import { StudioError } from '../../../core/errors.ts';
import { checkBasis, isSvd, sameBasis, type Basis } from '../../../core/gates/basis.ts';
import { initialField, makeLayout } from '../../../core/gates/field.ts';
import { measureSpectrum } from '../../../core/spectrum/measures.ts';
import type { BasisEvent } from '../../../protocol/basis.ts';
import type { Session } from '../../../protocol/session.ts';
import { LiveGates } from '../../distill/live-gates.ts';
import type { FactorCache } from '../../io/contract.ts';
import type { FactorStore } from '../../merge/factors.ts';
import { madeBy } from '../../pool/factor-key.ts';
import type { SvdWorkers } from '../decomposing/decompose.ts';
import { rebaseStore } from '../decomposing/rebase-store.ts';
import type { Turn } from '../device-turns.ts';
import { copyField, type OpenSession } from '../opening/open-session.ts';

export interface BasisJob {
  readonly cache: FactorCache | Promise<FactorCache>;
  readonly workers: SvdWorkers;
  readonly onEvent: (event: BasisEvent) => void;
  readonly signal: AbortSignal;
  /** The one that is open now; throws where none is. */
  readonly session: () => OpenSession;
  readonly running: () => boolean;
  readonly turn: Turn;
  /** Makes it the engine's. `before`: the factors that the session had until now. */
  readonly take: (next: OpenSession, before: FactorStore) => void;
}

/** What the session has then; the session stays as it was unless all of it succeeds. */
export async function changeBasis(
  given: Basis,
  job: BasisJob,
): Promise<Pick<Session, 'basis' | 'layout' | 'gates'>> {
  const basis = checkBasis(given);
  const begun = job.session();
  const refuse = (): void => {
    if (job.running())
      throw new StudioError('busy', 'A distillation is going on. Stop it before changing the basis.');
    if (job.session().facts.id !== begun.facts.id)
      throw new StudioError('busy', 'Other models were opened meanwhile. Choose the basis again.');
  };
  const inForce = () => {
    const { facts, live } = job.session();
    return { basis: facts.basis, layout: structuredClone(facts.layout), gates: copyField(live) };
  };
  refuse();
  if (sameBasis(begun.facts.basis, basis)) return inForce();
  const factors = await factorsIn(begun, basis, job);
  const change = async () => {
    refuse();
    const now = job.session();
    job.take(inBasis(now, basis, factors), now.factors);
    return inForce();
  };
  const { onEvent, signal } = job;
  return job.turn('the change of the basis', change, signal, (progress) =>
    onEvent({ type: 'progress', progress }),
  );
}

/** The session's task vectors in the basis. Nothing of the session changes; back to the SVD nothing is computed. */
async function factorsIn(
  session: OpenSession,
  basis: Basis,
  { cache, workers, onEvent, signal }: BasisJob,
): Promise<FactorStore> {
  const { svd, facts, checkpoints, factors } = session;
  if (!isSvd(basis))
    return rebaseStore({
      basis,
      source: svd.factors,
      slots: facts.slots,
      checkpoints,
      cache: await cache,
      workers,
      keep: factors.keys,
      onEvent,
      signal,
    });
  svd.factors.slots.forEach(({ s, rows, columns }, slot) =>
    onEvent({
      type: 'spectrum',
      spectrum: {
        slot,
        singularValues: s.slice(),
        measures: measureSpectrum({ sigma: s, rows, columns }),
        cached: true,
        exact: true,
        by: madeBy(svd.factors.names[slot] ?? ''),
      },
    }),
  );
  return svd.factors;
}

/** The session with these factors, under its budget. */
function inBasis(session: OpenSession, basis: Basis, factors: FactorStore): OpenSession {
  const { facts, live, svd } = session;
  const layout = makeLayout(factors.slots, facts.layout.budget);
  const gates = initialField(layout, facts.defaults.gateMax);
  return {
    ...session,
    facts: { ...facts, basis, layout, gates },
    live: new LiveGates(gates, live.revision),
    training: { steps: 0 },
    factors,
    hashes: factors === svd.factors ? svd.hashes : svd.hashes.of(factors),
  };
}
