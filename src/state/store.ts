/**
 * The studio's one store. `createStudioStore(engine)` makes it from any engine (worker, fake);
 * `installStudio` makes it the one that `useStudio` reads. Per-frame values (gates) are for
 * `useStudio.subscribe` and `gatesVersion`, not for selectors.
 */
import { createStore, useStore, type StoreApi } from 'zustand';
import type { EngineApi } from '../../protocol/engine.ts';
import type { SliceContext } from './context.ts';
import { createBudgetSlice, createSwitchBudget } from './budget-slice.ts';
import { createCalibrationSlice } from './calibration-slice.ts';
import { createGatesSlice } from './gates-slice.ts';
import { createKeepingSlice } from './keeping-slice.ts';
import { pageMoments, saveContinuously, type Moments } from './keeping/saving.ts';
import type { BrowserStorage } from './browser-storage.ts';
import type { Shelf } from './keeping/shelf.ts';
import { createFigureKeeping } from './kept-figures.ts';
import { createMeasureSlice } from './measure-slice.ts';
import { createMethodSlice } from './method-slice.ts';
import { createExportSlice, createTryItSlice } from './output-slices.ts';
import { createPreferencesSlice } from './preferences-slice.ts';
import { createPreviewSlice } from './preview-slice.ts';
import { createQuietSlice } from './quiet-slice.ts';
import { createRecentsSlice } from './recents-slice.ts';
import { createRecipeSlice } from './recipe-slice.ts';
import { createRunSlice } from './run-slice.ts';
import { isRunActive } from './run-state.ts';
import { createSessionSlice } from './session-slice.ts';
import { createSnapshotSlice, type Keep } from './snapshot-slice.ts';
import { createStorageSlice } from './storage-slice.ts';
import type { StudioStore } from './types.ts';
import { createViewSlice } from './view-slices.ts';
import { createWholeChange, type WholeChange } from './whole-change.ts';

const SNAPSHOT_EVERY_STEPS = 25;
/** Long runs keep fewer: at most about this many of their own snapshots. */
const SNAPSHOTS_A_RUN = 24;

/** Steps between a run's own snapshots: 25, or a larger multiple of 25 for long runs. */
export function snapshotInterval(steps: number): number {
  return SNAPSHOT_EVERY_STEPS * Math.max(1, Math.ceil(steps / SNAPSHOTS_A_RUN / SNAPSHOT_EVERY_STEPS));
}

/** What the store can do beside asking the engine; tests leave out what they do not need. */
export interface Hands {
  /** Ends the engine's worker at once, whatever it is doing. */
  readonly restart?: () => void;
  /** Hands a text or the bytes of a file to the browser as a file of this name. */
  readonly download?: (name: string, content: string | Blob) => void;
  /** Keeps sessions beyond the page; without it none is kept. */
  readonly shelf?: Shelf | null;
  /** What else the browser keeps for the studio. */
  readonly storage?: BrowserStorage | null;
  /** When sessions are stored. */
  readonly moments?: Moments;
}

export function createStudioStore(
  engine: EngineApi,
  {
    restart = () => undefined,
    download = () => undefined,
    shelf = null,
    storage = null,
    moments = pageMoments,
  }: Hands = {},
): StoreApi<StudioStore> {
  return createStore<StudioStore>()((set, get, api) => {
    const context: SliceContext = { engine, set, get };
    // Snapshots need the gates and the gates have one taken before an edit: bound late, used only after
    // creation.
    const late: { keep: Keep | null; change: WholeChange | null } = { keep: null, change: null };
    const { part: gates, keeper } = createGatesSlice(context, {
      beforeEdit() {
        const { run, snapshots: kept } = get();
        // One a step is enough: between two steps only hands change gates, and undo leads back through those.
        const last = kept.at(-1);
        if (!isRunActive(run) || run.step === 0 || (last?.origin === 'edit' && last.step === run.step))
          return;
        late.keep?.(`Step ${run.step}, before edit`, 'edit');
      },
      travel: (entry, end) => void late.change?.travel(entry, end),
    });
    const switchBudget = createSwitchBudget(context, keeper);
    const change = createWholeChange(context, keeper, switchBudget);
    late.change = change;
    const recipe = createRecipeSlice(context, change);
    const snapshots = createSnapshotSlice(context, keeper);
    late.keep = snapshots.keep;
    const { part: measure, measurer } = createMeasureSlice(context, keeper);
    const run = createRunSlice(context, keeper, {
      onStep(step, steps) {
        if (step % snapshotInterval(steps) === 0 && step < steps) snapshots.keep(`Step ${step}`, 'run');
      },
      onEnd(how) {
        if (get().run.step === 0) return;
        snapshots.keep(
          how === 'finished' ? `Result, ${get().run.step} steps` : `Step ${get().run.step}, stopped`,
          'result',
        );
        if (how === 'finished') void measurer.measureResult();
      },
    });
    const figures = createFigureKeeping(context);
    const takeAll = async (): Promise<void> => {
      await Promise.all([run.takeCheckpoint(), figures.take()]);
    };
    const stored = createStorageSlice(context, { shelf, storage });
    const saver =
      shelf && saveContinuously(api, shelf, moments, { prepare: takeAll, stored: stored.askToKeep });
    const kept = createKeepingSlice(context, keeper, {
      shelf,
      saver,
      goOn: run.goOn,
      figures,
      download,
    });
    return {
      ...createViewSlice(context),
      ...createPreferencesSlice(context),
      ...gates,
      ...createBudgetSlice(context, keeper, snapshots.keep, switchBudget),
      ...createCalibrationSlice(context),
      ...createPreviewSlice(context),
      ...kept.part,
      ...stored.part,
      ...createRecentsSlice(context, { shelf, openStored: kept.openStored }),
      ...createSessionSlice(context, keeper, {
        onOpening: kept.modelsArrive,
        onOpened: async () => {
          recipe.modelsOpened();
          await kept.modelsOpened();
        },
        holdBack: kept.holdBack,
      }),
      ...createQuietSlice(context, restart),
      ...recipe.part,
      ...run.part,
      ...snapshots.part,
      ...measure,
      ...createMethodSlice(context),
      ...createTryItSlice(context, keeper),
      ...createExportSlice(context, keeper, download),
    };
  });
}

let installed: StoreApi<StudioStore> | null = null;

export function installStudio(store: StoreApi<StudioStore>): void {
  installed = store;
}

function studio(): StoreApi<StudioStore> {
  if (!installed) throw new Error('installStudio must be called before the page renders.');
  return installed;
}

function useInstalled<T>(selector: (state: StudioStore) => T): T {
  return useStore(studio(), selector);
}

/**
 * `useStudio(selector)` in components; `useStudio.getState()` and `useStudio.subscribe(listener)` outside
 * React.
 */
export const useStudio = Object.assign(useInstalled, {
  getState: (): StudioStore => studio().getState(),
  subscribe: (listener: (state: StudioStore, previous: StudioStore) => void): (() => void) =>
    studio().subscribe(listener),
});
