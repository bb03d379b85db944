/**
 * What can be done from the keyboard. One object an action, shared by the key handler and the help overlay.
 */
import { isRunActive } from '../state/run-slice.ts';
import type { StudioStore } from '../state/types.ts';

export interface Action {
  readonly id: string;
  readonly label: string;
  readonly keys: string;
  readonly matches: (event: KeyboardEvent) => boolean;
  readonly enabled: (state: StudioStore) => boolean;
  readonly perform: (state: StudioStore) => void;
}

const plain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey;
const letter =
  (key: string) =>
  (event: KeyboardEvent): boolean =>
    plain(event) && !event.shiftKey && event.key.toLowerCase() === key;
const command = (event: KeyboardEvent): boolean => (event.ctrlKey || event.metaKey) && !event.altKey;

const canCompute = (state: StudioStore): boolean =>
  state.session?.forward.available === true && state.connection.status === 'ready';
const canStep = (state: StudioStore): boolean =>
  canCompute(state) && state.run.state !== 'running' && state.run.state !== 'preparing';

export const actions: readonly Action[] = [
  {
    id: 'play-pause',
    label: 'Run, pause, resume',
    keys: 'Space',
    matches: (event) => plain(event) && event.key === ' ',
    enabled: canCompute,
    perform: (state) => void (state.run.state === 'running' ? state.pause() : state.play()),
  },
  {
    id: 'step',
    label: 'One step',
    keys: '.',
    matches: (event) => plain(event) && event.code === 'Period' && !event.shiftKey,
    enabled: canStep,
    perform: (state) => void state.step(1),
  },
  {
    id: 'step-ten',
    label: 'Ten steps',
    keys: 'Shift .',
    matches: (event) => plain(event) && event.code === 'Period' && event.shiftKey,
    enabled: canStep,
    perform: (state) => void state.step(10),
  },
  {
    id: 'stop',
    label: 'Stop the run',
    keys: 'X',
    matches: letter('x'),
    enabled: (state) => isRunActive(state.run),
    perform: (state) => void state.stop(),
  },
  {
    id: 'undo',
    label: 'Undo an edit of the gates',
    keys: 'Ctrl Z',
    matches: (event) => command(event) && !event.shiftKey && event.key.toLowerCase() === 'z',
    enabled: (state) => state.undoStack.length > 0,
    perform: (state) => state.undo(),
  },
  {
    id: 'redo',
    label: 'Redo',
    keys: 'Ctrl Shift Z',
    matches: (event) =>
      command(event) &&
      ((event.shiftKey && event.key.toLowerCase() === 'z') || event.key.toLowerCase() === 'y'),
    enabled: (state) => state.redoStack.length > 0,
    perform: (state) => state.redo(),
  },
  {
    id: 'evaluate',
    label: 'Measure the merged model',
    keys: 'E',
    matches: letter('e'),
    enabled: (state) => canCompute(state) && state.measuring === null,
    perform: (state) => void state.evaluateCurrent(),
  },
  {
    id: 'snapshot',
    label: 'Keep a snapshot',
    keys: 'K',
    matches: letter('k'),
    enabled: (state) => state.session !== null,
    perform: (state) => state.takeSnapshot(`Kept ${state.snapshots.length + 1}`),
  },
  {
    id: 'ask',
    label: 'Ask the three models',
    keys: 'Q',
    matches: letter('q'),
    enabled: canCompute,
    perform: (state) => void state.ask(),
  },
  {
    id: 'open',
    label: 'Open models',
    keys: 'O',
    matches: letter('o'),
    enabled: () => true,
    perform: (state) => state.showDialog('open-models'),
  },
  {
    id: 'calibration',
    label: 'Choose calibration images',
    keys: 'C',
    matches: letter('c'),
    enabled: (state) => state.session?.forward.available === true,
    perform: (state) => state.showDialog('calibration'),
  },
  {
    id: 'recipe',
    label: 'Open a recipe',
    keys: 'R',
    matches: letter('r'),
    enabled: () => true,
    perform: (state) => state.showDialog('recipe'),
  },
  {
    id: 'help',
    label: 'Keyboard shortcuts',
    keys: '?',
    matches: (event) => plain(event) && event.key === '?',
    enabled: () => true,
    perform: (state) => state.showDialog('shortcuts'),
  },
];

/** The action that a key press asks for; none where the key belongs to what has the focus. */
export function actionFor(event: KeyboardEvent, state: StudioStore): Action | null {
  if (event.defaultPrevented || event.repeat || state.dialog !== null || belongsToFocus(event)) return null;
  return actions.find((action) => action.matches(event) && action.enabled(state)) ?? null;
}

function belongsToFocus({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target.matches('input:not([type=range]):not([type=checkbox]), textarea, select')
  )
    return true;
  // Space presses buttons and moves what has a role of its own.
  return (
    key === ' ' &&
    target.closest('button, summary, a[href], [role], [popover], label') !== null &&
    !target.matches('[role=tabpanel], main')
  );
}
