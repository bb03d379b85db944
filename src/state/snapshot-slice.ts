/**
 * Gates that are kept along the way: by a run, by the studio before an edit, or by a person. The same gates are
 * kept once. What is deleted can be brought back until other models are opened.
 */
import { budgetName } from './budget-name.ts';
import { fittedField } from './budget-slice.ts';
import { newJob, type SliceContext } from './context.ts';
import { refused } from './actions/action.ts';
import { measureActions } from './actions/measure-actions.ts';
import { sameGates } from './gates-in-force.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { Snapshot } from './records.ts';
import { isRunActive } from './run-state.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'snapshots' | 'deleted'> &
  Pick<
    StudioActions,
    'takeSnapshot' | 'restoreSnapshot' | 'deleteSnapshot' | 'restoreDeleted' | 'peekSnapshot'
  >;

const DELETED_LIMIT = 20;

/** The snapshot of the gates as they are, new or one that has them already; null where no models are open. */
export type Keep = (label: string, origin: Snapshot['origin']) => Snapshot | null;

const sameLocks = (a: Uint8Array, b: Uint8Array): boolean => a.every((lock, i) => lock === b[i]);

export function createSnapshotSlice(
  { set, get }: SliceContext,
  keeper: GateKeeper,
): { readonly part: Part; readonly keep: Keep } {
  const budgetNow = (): number | null => get().session?.layout.budget ?? null;

  const keep: Keep = (label, origin) => {
    const { session, run, options, snapshots } = get();
    if (!session) return null;
    const gates = keeper.current();
    const known = snapshots.find(
      (other) =>
        other.budget === budgetNow() &&
        other.lambda === options.lambda &&
        sameGates(other.gates, gates) &&
        sameLocks(other.gates.locks, gates.locks),
    );
    if (known) {
      // The result of a run is found by its name; whatever else holds the same gates has a name already.
      const renamed = origin === 'result' ? { ...known, label, origin } : known;
      if (renamed !== known)
        set({ snapshots: snapshots.map((other) => (other === known ? renamed : other)) });
      return renamed;
    }
    const snapshot: Snapshot = {
      id: newJob('snapshot'),
      label,
      step: run.step,
      lambda: options.lambda,
      run:
        run.start === null
          ? null
          : { number: run.number, start: run.start, alpha: options.alpha, seed: options.seed },
      gates,
      budget: session.layout.budget,
      evaluation: null,
      origin,
    };
    set({ snapshots: [...snapshots, snapshot] });
    return snapshot;
  };

  const part: Part = {
    snapshots: [],
    deleted: [],

    takeSnapshot(label) {
      if (refused(get(), measureActions.snapshot)) return;
      const kept = keep(label, 'manual');
      if (kept && kept.label !== label)
        get().notify('info', `These gates are kept already, as “${kept.label}”.`);
    },
    restoreSnapshot(id) {
      if (refused(get(), measureActions.restoreSnapshot, id)) return;
      const snapshot = get().snapshots.find((other) => other.id === id);
      if (!snapshot) return;
      const { label, gates, budget } = snapshot;
      const fitted = budget === budgetNow() ? '' : `, fitted to ${budgetName(budgetNow())}`;
      keeper.replaceAll(`Restore “${label}”${fitted}`, fittedField(gates, budget, get()));
      if (fitted)
        get().notify(
          'warning',
          `“${label}” was kept with a gate for ${budgetName(budget)}; its tail was fitted to ${budgetName(budgetNow())}. Choose ${budgetName(budget)} to have it back as it was.`,
        );
      if (!isRunActive(get().run))
        set((state) => ({ options: { ...state.options, lambda: snapshot.lambda } }));
    },
    deleteSnapshot(id) {
      if (get().peek?.id === id) part.peekSnapshot(null);
      const { snapshots, measurements, deleted } = get();
      const at = snapshots.findIndex((other) => other.id === id);
      const snapshot = snapshots[at];
      if (!snapshot) return;
      const point = measurements.find((other) => other.id === id) ?? null;
      set({
        snapshots: snapshots.filter((other) => other.id !== id),
        measurements: measurements.filter((other) => other.id !== id),
        deleted: [...deleted, { snapshot, at, point }].slice(-DELETED_LIMIT),
      });
      get().notify('info', `“${snapshot.label}” was deleted.`);
    },
    restoreDeleted() {
      if (refused(get(), measureActions.restoreDeleted)) return;
      const last = get().deleted.at(-1);
      if (!last) return;
      const { snapshot, at, point } = last;
      set((state) => ({
        snapshots: state.snapshots.toSpliced(at, 0, snapshot),
        measurements: point ? [...state.measurements, point] : state.measurements,
        deleted: state.deleted.slice(0, -1),
      }));
      get().notify('info', `“${snapshot.label}” is back.`);
    },
    peekSnapshot(id) {
      if (keeper.inGesture()) return;
      const { peek, gatesVersion } = get();
      const gates = keeper.current();
      const shown = get().snapshots.find((other) => other.id === id);
      if (shown && id)
        set({
          peek: { id, gates },
          gates: fittedField(shown.gates, shown.budget, get()),
          gatesVersion: gatesVersion + 1,
        });
      else if (peek) set({ peek: null, gates, gatesVersion: gatesVersion + 1 });
    },
  };

  return { part, keep };
}
