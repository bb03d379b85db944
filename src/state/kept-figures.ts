/**
 * What the engine knows of its models and measured, kept so that a recipe carries it after a reload too: asked for before the session is
 * stored, and given back to the engine once the same models are open.
 */
import type { KeptFigures } from '../../core/recipe/kept-figures.ts';
import { toPlainError } from '../../protocol/wire.ts';
import type { SliceContext } from './context.ts';
import { isRunActive } from './run-state.ts';
import type { StudioState } from './types.ts';

export interface FigureKeeping {
  /** Has `figures` be of now, as far as the engine answers in time. */
  take(): Promise<void>;
  /** Has `vlmSample` be of the models that are open. */
  know(): Promise<void>;
  /** Gives those of an earlier session to the engine. Nothing waits for it: the engine samples the weights first. */
  giveBack(kept: KeptFigures): void;
}

/** An engine that is busy answers later; what is kept until then is of the measurement before. */
const patienceMs = 1500;

export function createFigureKeeping({ set, get, engine }: SliceContext): FigureKeeping {
  let givenBack: Promise<void> = Promise.resolve();
  let asking: Promise<void> | null = null;
  let of: Mark | null = null;
  /** Under way: the engine is asked once, however many saves come meanwhile. */
  let knowing: { readonly session: string; readonly done: Promise<void> } | null = null;

  async function ask(): Promise<void> {
    const now = markOf(get());
    try {
      // Figures that are on their way are part of what the engine knows.
      await givenBack;
      const figures = await engine.figures();
      if (get().session?.id !== now.session) return;
      set({ figures });
      of = now;
    } catch {
      // An engine that has ended says so itself; what was kept last stays.
    }
  }

  async function sample(session: string): Promise<void> {
    try {
      const known = await engine.vlmSample();
      if (get().session?.id === session) set({ vlmSample: known });
    } catch {
      // What cannot be read now is asked for again with the next save.
    } finally {
      if (knowing?.session === session) knowing = null;
    }
  }

  async function know(): Promise<void> {
    const { session, vlmSample } = get();
    if (!session || vlmSample !== null) return;
    if (knowing?.session !== session.id) knowing = { session: session.id, done: sample(session.id) };
    await knowing.done;
  }

  const inTime = (work: Promise<void>): Promise<void> =>
    Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, patienceMs))]);

  return {
    know,
    async take() {
      await inTime(know());
      const now = markOf(get());
      if (now.session === undefined || (now.measurements.length === 0 && now.ended === '') || same(of, now))
        return;
      asking ??= ask().finally(() => (asking = null));
      await inTime(asking);
    },
    giveBack(kept) {
      const session = get().session?.id;
      set({ figures: kept });
      givenBack = engine.restoreFigures(kept).catch((thrown: unknown) => {
        if (get().session?.id !== session) return;
        set({ figures: null });
        get().notify(
          'warning',
          `What was measured before is on this page, but recipes and model cards cannot carry it: ${toPlainError(thrown).message}`,
        );
      });
    },
  };
}

/** While it is the same, the engine has no other figures. */
interface Mark {
  readonly session: string | undefined;
  readonly measurements: StudioState['measurements'];
  /** Which run has ended and how; empty where none has. */
  readonly ended: string;
}

const markOf = ({ session, measurements, run }: StudioState): Mark => ({
  session: session?.id,
  measurements,
  ended: run.number === 0 || isRunActive(run) ? '' : `${run.number} ${run.state} ${run.step}`,
});

const same = (a: Mark | null, b: Mark): boolean =>
  a !== null && a.session === b.session && a.measurements === b.measurements && a.ended === b.ended;
