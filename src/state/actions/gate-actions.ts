/** Gates by hand: the history, locks, edits of the selection, presets, and the tools of the gate editor. */
import type { GateMethod, MethodValues } from '../../../core/merging/method.ts';
import { lockSlots, soloSelection, toggleLock } from '../lock-edits.ts';
import {
  addToSelection,
  applyPreset,
  copyCurveTo,
  copyTargets,
  lockSelection,
  presetSlots,
  returnToAuto,
  scaleSelection,
  setSelection,
  smoothSelection,
  toggleSelectionLock,
  type CopyScope,
} from '../selection-edits.ts';
import { targetOf } from '../selection-target.ts';
import type { HistoryEntry } from '../records.ts';
import type { GateTool, StudioState } from '../types.ts';
import { keyed, row, type IconName, type KeyedRow } from './action.ts';
import {
  canChangeAll,
  canEdit,
  firstOf,
  needsModels,
  notWhileApplyingRecipe,
  type Check,
} from './obstacles.ts';

const needsSelection: Check = (state) =>
  targetOf(state) ? null : 'No matrix is selected. Select a row in the layers or in the gate map.';

const canEditSelection = firstOf(canEdit, needsSelection);

/** An entry that changed more than gates can be taken back only when all of that can be changed. */
function canTravel(entry: HistoryEntry | undefined, end: 'before' | 'after', nothing: string): Check {
  if (!entry) return () => nothing;
  return firstOf(
    canEdit,
    notWhileApplyingRecipe,
    entry.setup ? canChangeAll(entry.setup[end].budget) : () => null,
  );
}

const everySlot = ({ session }: StudioState): number[] => session?.slots.map((_, index) => index) ?? [];

const needsSpectra: Check = (state) =>
  presetSlots(state, state.selection.slots)
    ? null
    : 'The spectra of the selected matrices are not computed yet.';

export interface PresetChoice {
  readonly method: GateMethod;
  readonly settings: MethodValues;
  /** Whether all matrices are set, or the selected gates alone. */
  readonly everywhere: boolean;
}

const tool = (name: GateTool, key: string, hint: string): KeyedRow =>
  keyed({
    label: `Gate editor: the tool “${name}”`,
    labelNow: () => `${name[0]?.toUpperCase()}${name.slice(1)}`,
    hint: () => hint,
    keys: [key],
    within: 'gates',
    icon: name satisfies IconName,
    obstacle: firstOf(needsModels, needsSelection),
    perform: (state) => state.setGateTool(name),
  });

export const gateActions = {
  undo: keyed({
    label: 'Undo an edit of the gates',
    labelNow: () => 'Undo',
    hint: ({ undoStack }) => `Undo: ${undoStack.at(-1)?.label ?? ''}`,
    keys: ['Ctrl Z'],
    icon: 'undo',
    obstacle: (state) =>
      canTravel(state.undoStack.at(-1), 'before', 'There is no edit of the gates to undo.')(state),
    perform: (state) => state.undo(),
  }),
  redo: keyed({
    label: 'Redo an edit of the gates',
    labelNow: () => 'Redo',
    hint: ({ redoStack }) => `Redo: ${redoStack.at(-1)?.label ?? ''}`,
    keys: ['Ctrl Shift Z', 'Ctrl Y'],
    icon: 'redo',
    obstacle: (state) =>
      canTravel(state.redoStack.at(-1), 'after', 'There is no edit of the gates to redo.')(state),
    perform: (state) => state.redo(),
  }),
  toggleLock: keyed({
    label: 'Lock or unlock the selected gates',
    keys: ['L'],
    icon: 'lock',
    obstacle: canEditSelection,
    perform: toggleSelectionLock,
  }),
  lock: row({
    label: 'Lock the selected gates',
    icon: 'lock',
    obstacle: canEditSelection,
    perform: (state) => lockSelection(state, true),
  }),
  unlock: row({
    label: 'Unlock the selected gates',
    icon: 'unlock',
    obstacle: canEditSelection,
    perform: (state) => lockSelection(state, false),
  }),
  auto: keyed({
    label: 'Give the selected gates back to the optimiser',
    labelNow: () => 'Auto',
    hint: () => 'Sets the selected gates to what the optimiser wanted last, and unlocks them.',
    keys: ['A'],
    within: 'gates',
    icon: 'auto',
    obstacle: canEditSelection,
    perform: returnToAuto,
  }),
  setGate: row<number>({
    label: 'Set the selected gates',
    obstacle: canEditSelection,
    perform: setSelection,
  }),
  addToGates: row<number>({
    label: 'Add to the selected gates',
    obstacle: canEditSelection,
    perform: addToSelection,
  }),
  scaleGates: row<number>({
    label: 'Scale the selected gates',
    obstacle: canEditSelection,
    perform: scaleSelection,
  }),
  smoothGates: row({
    label: 'Smooth the selected gates',
    labelNow: () => 'Smooth',
    hint: () => 'Smooths the curve in the selection.',
    obstacle: canEditSelection,
    perform: smoothSelection,
  }),
  copyCurve: row<CopyScope>({
    label: 'Copy the curve to other matrices',
    icon: 'copy',
    obstacle: (state, scope) =>
      canEditSelection(state) ??
      (copyTargets(state, scope).length === 0 ? 'There is no other matrix to copy the curve to.' : null),
    perform: copyCurveTo,
  }),
  preset: row<PresetChoice | null>({
    label: 'Presets',
    hint: () => 'Sets the gates as a merge method would.',
    icon: 'wand',
    obstacle: firstOf(canEditSelection, needsSpectra),
    perform: (state, choice) =>
      choice && applyPreset(state, choice.method, choice.settings, choice.everywhere),
  }),
  lockSlots: row<{ readonly slots: readonly number[]; readonly label: string }>({
    label: 'Lock or unlock matrices',
    obstacle: canEdit,
    perform: (state, { slots, label }) => toggleLock(state, slots, label),
  }),
  lockAll: row({
    label: 'Lock all gates',
    icon: 'lock',
    obstacle: canEdit,
    perform: (state) => lockSlots(state, everySlot(state), true, 'Lock all'),
  }),
  unlockAll: row({
    label: 'Unlock all gates',
    icon: 'unlock',
    obstacle: canEdit,
    perform: (state) => lockSlots(state, everySlot(state), false, 'Unlock all'),
  }),
  solo: row({
    label: 'Lock all gates but the selected matrices',
    icon: 'solo',
    obstacle: canEditSelection,
    perform: soloSelection,
  }),
  toolShape: tool('shape', 'V', 'Shape: drag a handle to bend the curve, or drag elsewhere to draw a band.'),
  toolDraw: tool('draw', 'D', 'Draw: draw the curve freehand.'),
  toolBand: tool('band', 'B', 'Band: drag across to choose a band, drag inside it to move its gates.'),
  toolSmooth: tool('smooth', 'S', 'Smooth: rub over the curve to smooth it.'),
};
