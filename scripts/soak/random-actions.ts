/**
 * Actions of a person, drawn by a seed: each goes through the row of `src/state/actions/`, as a button does, so that
 * one which cannot be done now is refused with a sentence. Nothing is waited for: a run, a measurement and an edit meet.
 */
import type { GateMethod, MethodValues } from '../../core/merging/method.ts';
import { gateMethods } from '../../core/merging/methods.ts';
import { attempt, type ActionRow } from '../../src/state/actions/action.ts';
import type { ExportChoice } from '../../src/state/actions/output-actions.ts';
import { actions } from '../../src/state/actions/actions.ts';
import type { StudioStore } from '../../src/state/types.ts';
import type { Random } from '../fuzz/random.ts';

export interface Person {
  readonly random: Random;
  readonly now: () => StudioStore;
  /** What the page gave to be saved, the last first. */
  readonly saved: readonly File[];
}

type Do = (person: Person) => void;

const archive = { kind: 'archive' } as const;

const press =
  (action: ActionRow): Do =>
  ({ now }) =>
    attempt(now(), action);

function pressWith<Argument>(action: ActionRow<Argument>, argument: (person: Person) => Argument): Do {
  return (person) => attempt(person.now(), action, argument(person));
}

const gate = ({ random }: Person): number => random.below(1001) / 1000;

function select({ random, now }: Person): void {
  const slots = now().session?.slots.length ?? 0;
  if (slots === 0) return;
  const first = random.below(slots);
  const count = 1 + random.below(4);
  now().select({
    slots: Array.from({ length: count }, (_, i) => (first + i) % slots).sort((a, b) => a - b),
    band: random.oneIn(2) ? null : [0, (1 + random.below(8)) / 8],
  });
}

/** Some moves of a drag, which ends or is taken back. */
function drag(person: Person): void {
  const { random, now } = person;
  const { size } = now().session?.layout ?? { size: 0 };
  if (size === 0) return;
  const begin = random.below(size);
  const indices = Uint32Array.from({ length: 1 + random.below(40) }, (_, i) => (begin + i) % size).sort();
  for (let moves = 1 + random.below(5); moves > 0; moves--)
    now().previewGates(indices, new Float32Array(indices.length).fill(gate(person)));
  if (random.oneIn(4)) now().cancelGesture();
  else now().commitGates('Drag');
}

const snapshotId = ({ random, now }: Person): string => {
  const { snapshots } = now();
  return snapshots.length === 0 ? 'none' : random.pick(snapshots).id;
};

const initialOf = ({ settings }: GateMethod): MethodValues =>
  Object.fromEntries(Object.entries(settings).map(([key, { initial }]) => [key, initial]));

/** How often each is drawn, and what it is. */
const drawn: readonly (readonly [times: number, name: string, act: Do])[] = [
  [8, 'select', select],
  [8, 'drag', drag],
  [6, 'set gates', pressWith(actions.setGate, gate)],
  [3, 'add to gates', pressWith(actions.addToGates, (person) => gate(person) - 0.5)],
  [3, 'scale gates', pressWith(actions.scaleGates, (person) => 2 * gate(person))],
  [2, 'smooth', press(actions.smoothGates)],
  [2, 'copy', pressWith(actions.copyCurve, ({ random }) => random.pick(['kind', 'layer', 'all'] as const))],
  [
    3,
    'preset',
    pressWith(actions.preset, ({ random }) => {
      const method = random.pick(gateMethods);
      return { method, settings: initialOf(method), everywhere: random.oneIn(2) };
    }),
  ],
  [3, 'lock or unlock', press(actions.toggleLock)],
  [2, 'auto', press(actions.auto)],
  [1, 'lock all', press(actions.lockAll)],
  [2, 'unlock all', press(actions.unlockAll)],
  [1, 'solo', press(actions.solo)],
  [6, 'undo', press(actions.undo)],
  [4, 'redo', press(actions.redo)],
  [
    4,
    'set options',
    pressWith(actions.setOptions, ({ random }) => ({
      steps: 1 + random.below(6),
      batchSize: 1 + random.below(2),
      alpha: random.below(10) / 10,
      lambda: random.below(20) / 10,
      seed: random.below(100),
    })),
  ],
  [6, 'run or pause', press(actions.run)],
  [5, 'step', press(actions.step)],
  [2, 'stop', press(actions.stop)],
  [2, 'reset', press(actions.reset)],
  [1, 'start afresh', press(actions.startAfresh)],
  [1, 'budget', pressWith(actions.setBudget, ({ random }) => random.pick<number | null>([null, 4, 16]))],
  [4, 'keep', press(actions.snapshot)],
  [3, 'restore', pressWith(actions.restoreSnapshot, snapshotId)],
  [2, 'delete', pressWith(actions.deleteSnapshot, snapshotId)],
  [1, 'have back', press(actions.restoreDeleted)],
  [2, 'peek', (person) => person.now().peekSnapshot(person.random.oneIn(2) ? null : snapshotId(person))],
  [2, 'measure', press(actions.evaluate)],
  [1, 'measure a snapshot', pressWith(actions.measureSnapshot, snapshotId)],
  [2, 'cancel measuring', press(actions.cancelMeasuring)],
  [1, 'ask', press(actions.ask)],
  [1, 'cancel asking', press(actions.cancelAsking)],
  [
    2,
    'export',
    pressWith<ExportChoice | null>(actions.exportMerged, () => ({
      target: archive,
      format: { kind: 'checkpoint', maxShardBytes: null },
    })),
  ],
  [2, 'cancel the export', press(actions.cancelExport)],
  [2, 'save the recipe', press(actions.saveRecipe)],
  [1, 'open a recipe', pressWith(actions.openRecipe, ({ saved }) => saved.filter(isRecipe).slice(0, 1))],
  [1, 'apply the recipe', pressWith(actions.applyRecipe, ({ random }) => random.oneIn(2))],
  [1, 'drop the recipe', press(actions.dropRecipe)],
  [1, 'open the demo', press(actions.openDemo)],
  [1, 'cancel opening', press(actions.cancelOpening)],
  [1, 'save the session', press(actions.saveSession)],
  [1, 'open a session', pressWith(actions.openSession, ({ saved }) => saved.find(isSession) ?? null)],
];

const isRecipe = ({ name }: File): boolean => name.endsWith('.json');
const isSession = ({ name }: File): boolean => name.endsWith('.frism');

const lots = drawn.flatMap(([times, name, act]) => Array.from({ length: times }, () => ({ name, act })));

/** Does one. Returns its name. */
export function actAtRandom(person: Person): string {
  const { name, act } = person.random.pick(lots);
  act(person);
  return name;
}
