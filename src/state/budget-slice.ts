/**
 * The subspace budget as the page sees it. Changing it maps the gates and restarts undo, whose entries are of
 * another layout.
 *
 * Kept fields (snapshots, measurements, what was asked) are rewritten where they make the same merged model
 * under the new budget. The others keep their own budget: such a snapshot can be restored, fitted to the
 * present one, but not be measured; its score and its point on the plot stay, for they are of the gates
 * stored beside them. Where shrinking loses gates they are kept first.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { mapField, mapsExactly } from '../../core/gates/budget.ts';
import { makeLayout, type GateField, type GateLayout } from '../../core/gates/field.ts';
import type { Session } from '../../protocol/session.ts';
import { refused } from './actions/action.ts';
import { runActions } from './actions/run-actions.ts';
import { budgetName } from './budget-name.ts';
import { newJob, type SliceContext } from './context.ts';
import { gatesInForce, sameGates } from './gates-in-force.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { Snapshot } from './records.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'changingBudget'> & Pick<StudioActions, 'setBudget'>;

/** A field of the session's slots that was made under `budget`, under the session's own. */
export function fittedField(
  field: GateField,
  budget: number | null,
  { session, spectra }: Pick<StudioState, 'session' | 'spectra'>,
): GateField {
  if (!session || session.layout.budget === budget) return field;
  return mapField(field, makeLayout(session.slots, budget), session.layout, singularValues(session, spectra));
}

const singularValues = ({ slots }: Session, spectra: StudioState['spectra']) =>
  slots.map((_, i) => spectra[i]?.singularValues ?? null);

/**
 * Changes the layout, in the engine and here. False where that failed, which was then said. `keepHistory`:
 * its entries say themselves which layout they are of. Only when `canChangeBudget` has no objection.
 */
export type SwitchBudget = (budget: number | null, keepHistory: boolean) => Promise<boolean>;

export function createSwitchBudget({ set, get, engine }: SliceContext, keeper: GateKeeper): SwitchBudget {
  function applyLayout(before: Session, layout: GateLayout, gates: GateField, keepHistory: boolean): void {
    const { spectra, autoGates } = get();
    const sigmas = singularValues(before, spectra);
    const shown = gatesInForce(get());
    // By object, for the same field may be kept in several places and they compare by it.
    const rewritten = new Map<GateField, GateField>([[shown, gates]]);
    const rewrite = <T extends { readonly gates: GateField | null; readonly budget: number | null }>(
      kept: T,
    ): T => {
      if (kept.gates === null) return kept;
      const own = makeLayout(before.slots, kept.budget);
      if (!mapsExactly(kept.gates, own, layout)) return kept;
      const field = rewritten.get(kept.gates) ?? mapField(kept.gates, own, layout, sigmas);
      rewritten.set(kept.gates, field);
      return { ...kept, gates: field, budget: layout.budget };
    };
    const wanted = mapField({ values: autoGates, locks: shown.locks }, before.layout, layout, sigmas).values;
    if (keepHistory) keeper.adoptKeepingHistory(gates, wanted);
    else keeper.adopt(gates, wanted);
    set((state) => ({
      session: { ...before, layout, gates },
      selection: { ...state.selection, band: null },
      snapshots: state.snapshots.map(rewrite),
      measurements: state.measurements.map(rewrite),
      tryIt: { ...state.tryIt, asked: state.tryIt.asked && rewrite(state.tryIt.asked) },
      // What was in a file is so under another budget as well.
      savedGates: state.savedGates && sameGates(shown, state.savedGates) ? gates : state.savedGates,
    }));
  }

  return async (budget, keepHistory) => {
    const { session } = get();
    if (!session) return false;
    set({ changingBudget: true });
    try {
      await keeper.sender.settled();
      const { layout, gates } = await engine.setBudget(newJob('budget'), budget);
      if (get().session !== session) return false;
      applyLayout(session, layout, gates, keepHistory);
      get().notify(
        'info',
        `${layout.size.toLocaleString('en')} gates: ${budgetName(layout.budget)} of each matrix${layout.budget === null ? '' : ' and a tail'}.`,
      );
      return true;
    } catch (thrown) {
      const error = toPlainError(thrown);
      if (error.code !== 'cancelled') get().notify('error', error.message);
      return false;
    } finally {
      set({ changingBudget: false });
    }
  };
}

export function createBudgetSlice(
  { get }: SliceContext,
  keeper: GateKeeper,
  keep: (label: string, origin: Snapshot['origin']) => unknown,
  switchBudget: SwitchBudget,
): Part {
  return {
    changingBudget: false,

    async setBudget(budget) {
      if (refused(get(), runActions.setBudget, budget)) return;
      const { session } = get();
      if (!session) return;
      const wanted = makeLayout(session.slots, budget);
      if (wanted.budget === session.layout.budget) return;
      get().peekSnapshot(null);
      if (keeper.inGesture()) get().commitGates('Edit');
      if (!mapsExactly(keeper.current(), session.layout, wanted))
        keep(`Before ${budgetName(wanted.budget)}`, 'edit');
      await switchBudget(wanted.budget, false);
    },
  };
}
