/**
 * The gates as the page shows them, and their history.
 *
 * Promises: one gesture is one history entry; a gesture can be cancelled whole; undo is refused while a
 * gesture lasts; a frame that the engine computed before an edit never overwrites that edit, and no frame
 * overwrites a locked gate. `gates` is replaced, never mutated. Undo covers gates and locks, never training, and
 * redo brings back what was trained before the undo.
 * While the budget changes nothing can be edited: an edit's indices would be of the one layout or the other.
 */
import { toPlainError } from '../../protocol/wire.ts';
import {
  applyEdit,
  initialField,
  makeLayout,
  type GateEdit,
  type GateField,
} from '../../core/gates/field.ts';
import { refused } from './actions/action.ts';
import { gateActions } from './actions/gate-actions.ts';
import { canEdit, objected } from './actions/obstacles.ts';
import type { SliceContext } from './context.ts';
import { createGateSender, type GateSender } from './gate-sender.ts';
import { gatesInForce } from './gates-in-force.ts';
import { partOf, travelled } from './history.ts';
import type { HistoryEntry } from './records.ts';
import type { StudioActions, StudioState } from './types.ts';

const HISTORY_LIMIT = 200;

type Part = Pick<
  StudioState,
  'gates' | 'autoGates' | 'revision' | 'gatesVersion' | 'peek' | 'undoStack' | 'redoStack'
> &
  Pick<StudioActions, 'previewGates' | 'commitGates' | 'cancelGesture' | 'editGates' | 'undo' | 'redo'>;

/** What the other slices need of the gates and the panels do not. */
export interface GateKeeper {
  /** Gates after an optimiser step of `frameRevision`. */
  acceptFrame(frameRevision: number, values: Float32Array): void;
  /**
   * A new session's field, or a new layout's: history is emptied. `autoGates`: what the optimiser wanted,
   * where that is something else.
   */
  adopt(field: GateField, autoGates?: Float32Array): void;
  /** As `adopt`, under a history whose entries say themselves which layout they are of. */
  adoptKeepingHistory(field: GateField, autoGates: Float32Array): void;
  /** One edit without an entry: for whoever keeps the history. */
  edit(edit: GateEdit): void;
  /** Replaces everything without an entry: for whoever keeps the history. */
  overwrite(field: GateField): void;
  /** Replaces everything as one undoable edit. */
  replaceAll(label: string, field: GateField): void;
  /** The field that is in force, whatever is being shown. */
  current(): GateField;
  inGesture(): boolean;
  readonly sender: GateSender;
}

const emptyField = (): GateField => initialField(makeLayout([]));

export interface GatesHooks {
  beforeEdit(): void;
  /** Undo or redo of an entry that changed more than gates. */
  travel(entry: HistoryEntry, end: 'before' | 'after'): void;
}

export function createGatesSlice(
  context: SliceContext,
  { beforeEdit, travel }: GatesHooks,
): { part: Part; keeper: GateKeeper } {
  const { set, get, engine } = context;
  const sender = createGateSender(engine, (thrown) =>
    get().notify('error', `The edit did not reach the engine: ${toPlainError(thrown).message}`),
  );
  let gesture: { readonly before: GateField; readonly touched: Set<number> } | null = null;

  const current = (): GateField => gatesInForce(get());

  /** Shows `field` (under the peeked snapshot, if any). */
  const show = (field: GateField): Partial<StudioState> => {
    const { peek, gatesVersion } = get();
    return peek ? { peek: { ...peek, gates: field } } : { gates: field, gatesVersion: gatesVersion + 1 };
  };

  function apply(edit: GateEdit): void {
    const revision = get().revision + 1;
    const field = applyEdit(current(), edit, get().options.gateMax);
    set({ ...show(field), revision });
    const values = edit.values && Float32Array.from(edit.indices, (index) => field.values[index] ?? 0);
    sender.send(revision, { ...edit, values });
  }

  function record(label: string, before: GateField, touched: Iterable<number>): void {
    const after = current();
    const changed = [...touched]
      .filter((i) => before.values[i] !== after.values[i] || before.locks[i] !== after.locks[i])
      .sort((a, b) => a - b);
    if (changed.length === 0) return;
    const indices = Uint32Array.from(changed);
    const entry: HistoryEntry = {
      label,
      indices,
      before: partOf(before, indices),
      after: partOf(after, indices),
    };
    set((state) => ({ undoStack: [...state.undoStack, entry].slice(-HISTORY_LIMIT), redoStack: [] }));
  }

  function endPeek(): void {
    const { peek, gatesVersion } = get();
    if (peek) set({ gates: peek.gates, peek: null, gatesVersion: gatesVersion + 1 });
  }

  const keeper: GateKeeper = {
    sender,
    current,
    inGesture: () => gesture !== null,
    adopt(field, autoGates = field.values) {
      keeper.adoptKeepingHistory(field, autoGates);
      set({ undoStack: [], redoStack: [] });
    },
    adoptKeepingHistory(field, autoGates) {
      gesture = null;
      sender.clear();
      set((state) => ({
        gates: field,
        autoGates: autoGates.slice(),
        gatesVersion: state.gatesVersion + 1,
        peek: null,
      }));
    },
    edit: apply,
    overwrite(field) {
      endPeek();
      apply({ indices: Uint32Array.from(field.values.keys()), values: field.values, locks: field.locks });
    },
    acceptFrame(frameRevision, frame) {
      const shown = current();
      if (frame.length !== shown.values.length) return;
      const newer = sender.editedSince(frameRevision);
      const values = frame.slice();
      const autoGates = frame.slice();
      for (let i = 0; i < values.length; i++) {
        const byHand = shown.locks[i] === 1 || newer.has(i);
        if (!byHand) continue;
        values[i] = shown.values[i] ?? 0;
        autoGates[i] = get().autoGates[i] ?? 0;
      }
      set({ ...show({ values, locks: shown.locks }), autoGates });
    },
    replaceAll(label, field) {
      if (objected(get(), canEdit)) return;
      endPeek();
      if (gesture) get().commitGates('Edit');
      const before = current();
      const indices = Uint32Array.from(field.values, (_, i) => i);
      apply({ indices, values: field.values, locks: field.locks });
      set({ autoGates: field.values.slice() });
      record(label, before, indices);
    },
  };

  const part: Part = {
    gates: emptyField(),
    autoGates: new Float32Array(0),
    revision: 0,
    gatesVersion: 0,
    peek: null,
    undoStack: [],
    redoStack: [],

    previewGates(indices, values) {
      // Without a word: this comes with every move of the pointer.
      if (canEdit(get()) !== null) return;
      if (!gesture) {
        endPeek();
        beforeEdit();
        gesture = { before: current(), touched: new Set() };
      }
      for (const index of indices) gesture.touched.add(index);
      apply({ indices, values, locks: new Uint8Array(indices.length).fill(1) });
    },
    commitGates(label) {
      if (!gesture) return;
      const { before, touched } = gesture;
      gesture = null;
      record(label, before, touched);
    },
    cancelGesture() {
      if (!gesture) return;
      const { before, touched } = gesture;
      gesture = null;
      const indices = Uint32Array.from(touched);
      apply({ indices, ...partOf(before, indices) });
    },
    editGates(label, indices, values, lock) {
      if (objected(get(), canEdit)) return;
      endPeek();
      if (gesture) part.commitGates('Edit');
      beforeEdit();
      const before = current();
      apply({
        indices,
        values,
        locks: lock === null ? null : new Uint8Array(indices.length).fill(lock ? 1 : 0),
      });
      record(label, before, indices);
    },
    undo() {
      const entry = get().undoStack.at(-1);
      if (refused(get(), gateActions.undo) || !entry || gesture) return;
      if (entry.setup) return travel(entry, 'before');
      endPeek();
      const { edit, entry: undone } = travelled(entry, current(), 'before');
      apply(edit);
      set((state) => ({ undoStack: state.undoStack.slice(0, -1), redoStack: [...state.redoStack, undone] }));
    },
    redo() {
      const entry = get().redoStack.at(-1);
      if (refused(get(), gateActions.redo) || !entry || gesture) return;
      if (entry.setup) return travel(entry, 'after');
      endPeek();
      const { edit, entry: redone } = travelled(entry, current(), 'after');
      apply(edit);
      set((state) => ({ redoStack: state.redoStack.slice(0, -1), undoStack: [...state.undoStack, redone] }));
    },
  };
  return { part, keeper };
}
