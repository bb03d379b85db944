/**
 * Budget, options and gates changed together, as one entry of the history: what opening a recipe does. Going
 * back and forth takes time where the layout changes, for the engine must follow; nothing can be edited
 * meanwhile.
 */
import type { GateField } from '../../core/gates/field.ts';
import { canChangeAll } from './actions/obstacles.ts';
import type { SwitchBudget } from './budget-slice.ts';
import type { SliceContext } from './context.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { HistoryEntry, RunSetup } from './records.ts';

export interface WholeChange {
  /** False where it did not come about; the reason was said and nothing is changed. */
  apply(label: string, setup: RunSetup, field: GateField): Promise<boolean>;
  travel(entry: HistoryEntry, end: 'before' | 'after'): Promise<void>;
}

export function createWholeChange(
  { set, get }: SliceContext,
  keeper: GateKeeper,
  switchBudget: SwitchBudget,
): WholeChange {
  /** Options first: the gate maximum bounds what can be set. */
  async function go({ budget, options }: RunSetup, field: GateField): Promise<boolean> {
    const { session } = get();
    if (session?.layout.budget !== budget && !(await switchBudget(budget, true))) return false;
    set({ options });
    keeper.overwrite(field);
    return true;
  }

  const allowed = (budget: number | null): boolean => {
    const obstacle = canChangeAll(budget)(get());
    if (obstacle !== null) get().notify('warning', `Nothing was changed. ${obstacle}`);
    return obstacle === null;
  };

  return {
    async apply(label, setup, field) {
      if (!allowed(setup.budget)) return false;
      get().peekSnapshot(null);
      if (keeper.inGesture()) get().commitGates('Edit');
      const { session, options } = get();
      const before = keeper.current();
      const earlier: RunSetup = { budget: session?.layout.budget ?? null, options };
      if (!(await go(setup, field))) return false;
      const after = keeper.current();
      set((state) => ({
        autoGates: after.values.slice(),
        undoStack: [
          ...state.undoStack,
          {
            label,
            indices: Uint32Array.from(after.values.keys()),
            before,
            after,
            setup: { before: earlier, after: setup },
          },
        ],
        redoStack: [],
      }));
      return true;
    },
    async travel(entry, end) {
      if (!entry.setup) return;
      const { budget, options } = entry.setup[end];
      if (!allowed(budget)) return;
      const stack = end === 'before' ? 'undoStack' : 'redoStack';
      const left = entry.setup[end === 'before' ? 'after' : 'before'].options;
      // An option that was changed since by hand is no part of what is taken back.
      const now = get().options;
      const wanted = Object.fromEntries(
        Object.entries(now).map(([name, value]) => [
          name,
          value === left[name as keyof typeof left] ? options[name as keyof typeof options] : value,
        ]),
      ) as unknown as typeof now;
      // Gates must find room under the maximum that they were set under.
      const gateMax = Math.max(wanted.gateMax, options.gateMax);
      if (get()[stack].at(-1) !== entry) return;
      // What a run has trained since is there again on the way back.
      const trained = keeper.current();
      if (!(await go({ budget, options: { ...wanted, gateMax } }, entry[end]))) return;
      set((state) =>
        end === 'before'
          ? {
              undoStack: state.undoStack.slice(0, -1),
              redoStack: [...state.redoStack, { ...entry, after: trained }],
            }
          : {
              redoStack: state.redoStack.slice(0, -1),
              undoStack: [...state.undoStack, { ...entry, before: trained }],
            },
      );
    },
  };
}
