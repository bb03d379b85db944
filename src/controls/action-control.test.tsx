/**
 * Button, key and store agree: in each kind of state all of them hold an action back, with the same sentences,
 * or none of them does.
 */
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createStore } from 'zustand';
import { stateKinds } from '../../test/action-states.ts';
import { opened } from '../../test/opened-store.ts';
import { gateMethods } from '../../core/merging/methods.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import { attempt, type ActionRow, type KeyedRow } from '../state/actions/action.ts';
import { actions, keyedActions, type ActionId } from '../state/actions/actions.ts';
import { actionForKeys, type KeyPress } from '../state/actions/keys.ts';
import { isRunBusy } from '../state/run-state.ts';
import { installStudio } from '../state/store.ts';
import type { StudioStore } from '../state/types.ts';
import { ActionControl } from './action-control.tsx';

beforeAll(() => {
  vi.stubGlobal('document', { baseURI: 'http://studio.test/' });
  return () => vi.unstubAllGlobals();
});

const source = { kind: 'manifest', url: '/fake' } as const;
const exportChoice = { target: { kind: 'archive' }, format: { kind: 'adapter', maxRank: null } } as const;

/** What the store itself is asked for where an action is not performed by a row, and with which argument. */
const given: Partial<Record<ActionId, unknown>> = {
  setOptions: { lambda: 0.5 },
  secondTeacher: true,
  setBudget: 16,
  setGate: 0.25,
  addToGates: 0.1,
  scaleGates: 0.5,
  copyCurve: 'all',
  preset: {
    method: gateMethods[0],
    settings: {},
    everywhere: true,
  },
  lockSlots: { slots: [0], label: 'row' },
  measureSnapshot: 'kept',
  restoreSnapshot: 'kept',
  deleteSnapshot: 'kept',
  setEvaluationItems: 50,
  acceptFinding: { code: 'heads-differ', accepted: true },
  chooseBackend: 'wasm',
  exportMerged: exportChoice,
  exportMethod: { target: { kind: 'archive' }, maxShardBytes: null },
  openTrio: source,
  inspect: source,
  previewLayer: 0,
  calibrate: null,
  openRecipe: [],
  applyRecipe: false,
  openSession: new File([], 'kept.frism'),
  openRecent: 'kept',
  renameRecent: { id: 'kept', name: 'Mine' },
  deleteRecent: 'kept',
  clearPlace: 'factors',
};

const rows = Object.entries(actions) as [ActionId, ActionRow<unknown>][];
const kinds = Object.entries(stateKinds);

/** A store that stands still in one kind of state; what it is asked to do is written down and not done. */
function standing(store: StudioStore, kind: (typeof kinds)[number][1]) {
  const asked: string[] = [];
  const said: string[] = [];
  const spies = Object.fromEntries(
    Object.entries(store)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => [name, () => void asked.push(name)]),
  );
  const state: StudioStore = {
    ...store,
    ...spies,
    ...kind(store),
    notify: (_level: string, text: string) => void said.push(text),
  };
  return { state, asked, said };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('>', '&gt;').replaceAll("'", '&#x27;').replaceAll('"', '&quot;');

describe.each(kinds)('%s', (_name, kind) => {
  test('each button is held back exactly where its key and its row are, and says the same', async () => {
    const { now } = await opened();
    for (const [id, row] of rows) {
      const argument = given[id];
      const { state, asked, said } = standing(now(), kind);
      const obstacle = row.obstacle(state, argument);
      if (obstacle !== null) expect(obstacle, id).toMatch(/^[A-Z“].*\.$/s);

      installStudio(createStore(() => state));
      const button = renderToStaticMarkup(<ActionControl action={row} argument={argument} />);
      expect(button.includes('aria-disabled="true"'), id).toBe(obstacle !== null);
      expect(button.includes(' disabled'), id).toBe(false);
      if (obstacle !== null) {
        expect(button, id).toContain(`>${escaped(obstacle)}</span>`);
        const described = /aria-describedby="([^"]+)"/.exec(button)?.[1];
        expect(button, id).toContain(`id="${described}"`);
      }

      attempt(state, row, argument);
      expect([id, said]).toEqual([id, obstacle === null ? [] : [obstacle]]);
      expect([id, asked.length > 0]).toEqual([id, obstacle === null]);
    }
  });
});

/** The store's functions, called as a program would that asks no row. */
const direct: Partial<Record<ActionId, (state: StudioStore) => unknown>> = {
  run: (state) => (isRunBusy(state.run) ? state.pause() : state.play()),
  step: (state) => state.step(1),
  stop: (state) => state.stop(),
  reset: (state) => state.reset(),
  startAfresh: (state) => state.startAfresh(),
  restoreDeleted: (state) => state.restoreDeleted(),
  setOptions: (state) => state.setOptions({ lambda: 0.5 }),
  secondTeacher: (state) => state.setSecondTeacher(true),
  setBudget: (state) => state.setBudget(16),
  undo: (state) => state.undo(),
  redo: (state) => state.redo(),
  evaluate: (state) => state.evaluateCurrent(),
  sweep: (state) => state.sweepTaskArithmetic(),
  measureTrail: (state) => state.evaluateTrail(),
  measureSnapshot: (state) => state.evaluateSnapshot('kept'),
  setEvaluationItems: (state) => state.setEvaluationItems(50),
  snapshot: (state) => state.takeSnapshot('Kept'),
  restoreSnapshot: (state) => state.restoreSnapshot('kept'),
  ask: (state) => state.ask(),
  saveRecipe: (state) => state.saveRecipe(),
  exportMerged: (state) => state.exportMerged(exportChoice.target, exportChoice.format),
  measureMethod: (state) => state.evaluateMethod(),
  askMethod: (state) => state.askMethod(),
  exportMethod: (state) => state.exportMethod({ kind: 'archive' }, null),
  openTrio: (state) => state.open(source),
  calibrate: (state) => state.calibrate(null),
  chooseBackend: (state) => state.chooseBackend('wasm'),
  openRecipe: (state) => state.openRecipe([]),
  applyRecipe: (state) => state.applyRecipe(false),
};

test.each(kinds)(
  '%s: the store refuses by the same obstacles and asks the engine for nothing',
  async (_name, kind) => {
    const called: string[] = [];
    let listening = false;
    const listened = (engine: EngineApi): EngineApi =>
      new Proxy(engine, {
        get(target, name: keyof EngineApi) {
          if (listening) called.push(name);
          return target[name];
        },
      });
    const { store, now } = await opened({}, listened);
    store.setState(kind(now()));
    listening = true;
    for (const [id, call] of Object.entries(direct) as [ActionId, (state: StudioStore) => unknown][]) {
      const obstacle = (actions[id] as ActionRow<unknown>).obstacle(now(), given[id]);
      if (obstacle === null) continue;
      const before = { ...now(), log: [], toasts: [] };
      await call(now());
      const { toasts } = now();
      const after = { ...now(), log: [], toasts: [] };
      expect([id, toasts.at(-1)?.text]).toEqual([id, obstacle]);
      expect(after, id).toEqual(before);
      expect([id, called]).toEqual([id, []]);
    }
  },
);

describe('keys', () => {
  const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...part,
  });

  test('each is found by what the help writes, and no two mean the same', () => {
    const written = keyedActions.flatMap(({ keys }) => keys);
    expect(new Set(written).size).toBe(written.length);
    const found: readonly [KeyPress, KeyedRow][] = [
      [press(' '), actions.run],
      [press('.', { code: 'Period' }), actions.step],
      [press(':', { code: 'Period', shiftKey: true }), actions.stepTen],
      [press('z', { ctrlKey: true }), actions.undo],
      [press('Z', { metaKey: true, shiftKey: true }), actions.redo],
      [press('y', { ctrlKey: true }), actions.redo],
      [press('?', { shiftKey: true }), actions.help],
      [press('E'), actions.evaluate],
    ];
    for (const [pressed, action] of found) expect(actionForKeys(pressed, false)).toBe(action);
    expect(actionForKeys(press('e', { ctrlKey: true }), false)).toBeNull();
    expect(actionForKeys(press('e', { altKey: true }), false)).toBeNull();
  });

  test('letters of the gate panels count only there; the lock counts everywhere', () => {
    expect(actionForKeys(press('v'), false)).toBeNull();
    expect(actionForKeys(press('v'), true)).toBe(actions.toolShape);
    expect(actionForKeys(press('l'), false)).toBe(actions.toggleLock);
  });
});

test('where memory surely does not fit Space is held back as the Run button is, in the same words', async () => {
  const { store, now } = await opened();
  store.setState(stateKinds['a run surely does not fit']?.(now()) ?? {});
  const obstacle = actions.run.obstacle(now());
  expect(obstacle).toMatch(/^A run /);
  const space = actionForKeys(
    { key: ' ', code: 'Space', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
    false,
  );
  if (!space) throw new Error('Space means nothing');
  attempt(now(), space);
  expect(now().run.state).toBe('idle');
  expect(now().toasts.at(-1)?.text).toBe(obstacle);
});
