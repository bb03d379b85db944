/**
 * The session beyond the page: what a tab begins with, and putting back what was kept once its models are open. A
 * session whose models are not to be had waits, and nothing of it is lost. `keeping/saving.ts` stores it,
 * `recents-slice.ts` has those that are not on the page.
 */
import type { TrioSource } from '../../protocol/session.ts';
import { toPlainError } from '../../protocol/wire.ts';
import { refused } from './actions/action.ts';
import { sessionActions } from './actions/session-actions.ts';
import type { SliceContext } from './context.ts';
import { demoSource } from './demo-source.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { FigureKeeping } from './kept-figures.ts';
import type { KeptFolders } from './keeping/kept-folders.ts';
import type { KeptSession } from './keeping/parts.ts';
import { candidate, readStored } from './keeping/from-shelf.ts';
import type { Shelf, ShelfEntry } from './keeping/shelf.ts';
import { saveToFile } from './keeping/save-to-file.ts';
import type { Saver } from './keeping/saving.ts';
import type { WaitingSession } from './keeping/keeping-state.ts';
import type { RunKeeping } from './run-slice.ts';
import type { StudioActions, StudioState } from './types.ts';
import { unsavedWork } from './unsaved-work.ts';

type Part = Pick<StudioState, 'keeping' | 'figures' | 'vlmSample'> &
  Pick<
    StudioActions,
    'begin' | 'reopenWaiting' | 'leaveWaiting' | 'storeNow' | 'saveSession' | 'openSession'
  >;

export interface SessionKeeping {
  readonly part: Part;
  /** Models that take the place of those on the page stand: in the same moment nothing is stored any more. */
  modelsArrive(): void;
  /** Puts back what waits, where it fits the models that have just been opened. */
  modelsOpened(): Promise<void>;
  /** What is on the page waits for its models to be opened again. */
  holdBack(): void;
  /** Opens the models of a session on the shelf, which this tab has, and puts it back. */
  openStored(entry: ShelfEntry): Promise<void>;
}

interface KeepingHands {
  readonly shelf: Shelf | null;
  readonly saver: Saver | null;
  readonly goOn: RunKeeping['goOn'];
  readonly figures: FigureKeeping;
  readonly download: (name: string, content: string | Blob) => void;
}

/** What waits, with its large values as they are stored; null where they are not. */
interface Held {
  readonly kept: (code: Reading) => KeptSession;
  readonly values: ReadonlyMap<number, object> | null;
  /** How its folders are read again; null where that is not known or not needed. */
  readonly folders: KeptFolders | null;
}

/** Fetched once it is needed: a first visit has nothing to read. */
const reading = () => import('./keeping/kept-session.ts');
type Reading = Awaited<ReturnType<typeof reading>>;

export function createKeepingSlice(
  context: SliceContext,
  keeper: GateKeeper,
  { shelf, saver, goOn, figures, download }: KeepingHands,
): SessionKeeping {
  const { set, get } = context;
  let held: Held | null = null;
  /** What `keeping.status` was before something was being put back. */
  let statusBefore: StudioState['keeping']['status'] = 'off';
  /** Counts what is put back and what is left: of two that overlap the later one decides. */
  let turn = 0;
  let underWay: Promise<unknown> = Promise.resolve();
  const keeping = (part: Partial<StudioState['keeping']>): void =>
    set((state) => ({ keeping: { ...state.keeping, ...part } }));

  const listed = async (from: Shelf): Promise<readonly ShelfEntry[]> => {
    const recents = await from.list();
    set({ recents });
    return recents;
  };

  /** Has a session of the shelf wait. `mayAsk`: a person has clicked just now. */
  async function load(from: Shelf, entry: ShelfEntry, mayAsk: boolean): Promise<void> {
    const { kept, values, folders, waiting } = await readStored(from, entry, () => listed(from), mayAsk);
    held = { kept: () => kept, values, folders };
    keeping({ waiting });
  }

  /** What to open for the session that waits. Folders are looked for again, and a person is asked for them. */
  async function sourceOf(waiting: WaitingSession): Promise<TrioSource | null> {
    if (!held?.folders) return waiting.source;
    const { kept: of, folders } = held;
    const code = await reading();
    const looked = await code.waitingOf(waiting.id, waiting.name, of(code), folders, true);
    // It was left meanwhile, or asked for twice.
    if (get().keeping.waiting !== waiting) return null;
    keeping({ waiting: looked });
    return looked.source;
  }

  /** What there is to say once models are open: opening clears what was said before. */
  async function waitForLast(): Promise<string | null> {
    if (!shelf) return null;
    let id: string | null = null;
    try {
      const { entry, said } = await candidate(shelf, await listed(shelf));
      keeping({ status: 'idle' });
      if (!entry) return said;
      id = entry.id;
      await load(shelf, entry, false);
      shelf.setMine(id);
      return null;
    } catch (thrown) {
      if (id !== null) shelf.release(id);
      return toPlainError(thrown).message;
    }
  }

  function pauseStoring(): void {
    const { status } = get().keeping;
    if (status === 'restoring') return;
    statusBefore = status;
    keeping({ status: 'restoring' });
  }

  async function putBack(waiting: WaitingSession, { kept: of, values }: Held): Promise<void> {
    // At once: until it is back, the page shows models as they open, and these must not be stored in its place.
    pauseStoring();
    const mine = ++turn;
    const goesOnWaiting = (why: string): void => {
      if (turn === mine) keeping({ status: statusBefore, id: null, name: '', waiting: { ...waiting, why } });
    };
    try {
      const code = await reading();
      const kept = of(code);
      await figures.know();
      if (turn !== mine) return;
      const misfit = code.misfitOf(kept, get());
      if (misfit !== null) return goesOnWaiting(`${misfit} Nothing of it was put back.`);
      if (get().keeping.id !== waiting.id) keeping({ id: null, name: '' });
      const hands = { context, keeper, goOn, figures };
      // Of two that overlap the later one begins when the earlier has stopped.
      await underWay;
      const restored = code.restoreAll(kept, hands, () => turn === mine);
      underWay = restored.catch(() => undefined);
      if (!(await restored)) return;
      if (waiting.id !== null) {
        await shelf?.hold(waiting.id);
        shelf?.setMine(waiting.id);
      }
      if (values) saver?.adopt(values);
      held = null;
      keeping({ id: waiting.id, name: waiting.name, waiting: null, status: statusBefore });
      get().notify('info', `“${waiting.name}” is put back as it was.`);
    } catch (thrown) {
      goesOnWaiting(`It could not be put back: ${toPlainError(thrown).message}`);
    }
  }

  /** Puts back what waits where the models that are open fit it. */
  async function putBackHere(): Promise<boolean> {
    const { waiting } = get().keeping;
    const code = await reading();
    if (get().session) await figures.know();
    if (!waiting || !held || !get().session || code.misfitOf(held.kept(code), get()) !== null) return false;
    await putBack(waiting, held);
    return true;
  }

  /** No other session waits any more. `next`: one that this tab goes on having. */
  function leave(next: string | null = null): void {
    const { waiting, id, status } = get().keeping;
    if (waiting && waiting.id !== null && waiting.id !== id && waiting.id !== next)
      shelf?.release(waiting.id);
    held = null;
    turn += 1;
    // Models as they opened are no part of the session that is left.
    keeping({ waiting: null, ...(status === 'restoring' && { status: statusBefore, id: null, name: '' }) });
  }

  const part: Part = {
    keeping: { status: 'off', id: null, name: '', waiting: null },
    figures: null,
    vlmSample: null,

    async begin() {
      await get().connect();
      const said = await waitForLast();
      if (get().connection.status === 'ready') {
        const { waiting } = get().keeping;
        if (!waiting) await get().open(demoSource());
        else if (waiting.source && !waiting.foreign) await get().open(waiting.source);
      }
      if (said !== null) get().notify('warning', said);
    },
    async reopenWaiting() {
      const { waiting } = get().keeping;
      if (refused(get(), sessionActions.reopenWaiting) || !waiting) return;
      const source = await sourceOf(waiting);
      if (source) await get().open(source);
    },
    leaveWaiting() {
      if (refused(get(), sessionActions.leaveWaiting)) return;
      leave();
      shelf?.setMine(get().keeping.id);
    },
    async saveSession() {
      if (refused(get(), sessionActions.saveSession)) return;
      await saveToFile(context, () => figures.know(), download);
    },
    async openSession(file) {
      if (refused(get(), sessionActions.openSession, file)) return;
      try {
        const { readSessionFile, foreignWaiting } = await reading();
        const { name, kept, digest } = await readSessionFile(file);
        // What is on the page stays stored under its own name.
        await saver?.flush();
        if (unsavedWork(get())) return get().notify('warning', notStored(file.name));
        leave();
        held = { kept: () => kept, values: null, folders: null };
        keeping({ waiting: foreignWaiting(null, name, kept) });
        if (!(await putBackHere())) await storeWaiting(kept, digest);
      } catch (thrown) {
        get().notify('error', toPlainError(thrown).message);
      }
    },
    async storeNow() {
      await saver?.flush();
    },
  };

  /** A session that came in a file and waits is stored too, or a reload would lose it. */
  async function storeWaiting(kept: KeptSession, digest: string): Promise<void> {
    const { waiting } = get().keeping;
    if (!saver || !waiting || !held) return;
    try {
      const { id, name, values } = await saver.storeForeign(waiting.name, kept, digest);
      held = { kept: () => kept, values, folders: null };
      keeping({ waiting: { ...waiting, id, name } });
      shelf?.setMine(id);
    } catch (thrown) {
      get().notify(
        'warning',
        `“${waiting.name}” could not be stored in the browser, so a reload would lose it: ${toPlainError(thrown).message} Keep its file.`,
      );
    }
  }

  return {
    part,
    modelsArrive() {
      // What is being put back onto the models before these goes no further.
      turn += 1;
      if (get().keeping.waiting && held) pauseStoring();
    },
    async modelsOpened() {
      const { waiting } = get().keeping;
      if (waiting && held) await putBack(waiting, held);
    },
    holdBack() {
      const state = get();
      const { id, name } = state.keeping;
      if (!state.session) return;
      // The state itself, which is never changed in place: the code that keeps it may be out of reach just now.
      held = { kept: ({ keepAll }) => keepAll(state), values: null, folders: null };
      keeping({
        waiting: {
          id,
          name: name || state.session.label,
          source: state.source,
          toAllow: [],
          foreign: false,
          why: null,
        },
      });
    },
    async openStored(entry) {
      if (!shelf) return;
      await saver?.flush();
      if (unsavedWork(get())) return get().notify('warning', notStored(`“${entry.name}”`));
      leave(entry.id);
      await load(shelf, entry, true);
      shelf.setMine(entry.id);
      const { waiting } = get().keeping;
      if (waiting?.source) await get().open(waiting.source);
      else await putBackHere();
    },
  };
}

const notStored = (what: string): string =>
  `${what} was not opened: what is on the page is not stored, and would be lost. Save this session to a file first.`;
