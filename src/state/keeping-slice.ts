/**
 * The session beyond the page: what a tab begins with, and putting back what was kept once its models are open. A
 * session whose models are not to be had waits, and nothing of it is lost. `keeping/saving.ts` stores it.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { StudioError } from '../../core/errors.ts';
import { unpack } from '../../core/sessions/packing.ts';
import { presentParts, type StoredParts } from '../../core/sessions/versions.ts';
import { refused } from './actions/action.ts';
import { sessionActions } from './actions/session-actions.ts';
import type { SliceContext } from './context.ts';
import { demoSource } from './demo-source.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { FigureKeeping } from './kept-figures.ts';
import { checkParts, keepAll, misfitOf, restoreAll, type KeptSession } from './keeping/parts.ts';
import { readSessionFile, writeSessionFile } from './keeping/session-file.ts';
import { describeSource, foundSource } from './keeping/source.ts';
import type { Shelf } from './keeping/shelf.ts';
import type { Saver } from './keeping/saving.ts';
import type { WaitingSession } from './keeping/keeping-state.ts';
import type { RunKeeping } from './run-slice.ts';
import type { StudioActions, StudioState } from './types.ts';
import { unsavedWork } from './unsaved-work.ts';

type Part = Pick<StudioState, 'keeping' | 'figures'> &
  Pick<
    StudioActions,
    'begin' | 'reopenWaiting' | 'leaveWaiting' | 'storeNow' | 'saveSession' | 'openSession'
  >;

export interface SessionKeeping {
  readonly part: Part;
  /** Puts back what waits, where it fits the models that have just been opened. */
  modelsOpened(): Promise<void>;
  /** What is on the page waits for its models to be opened again. */
  holdBack(): void;
}

interface KeepingHands {
  readonly shelf: Shelf | null;
  readonly saver: Saver | null;
  readonly goOn: RunKeeping['goOn'];
  readonly figures: FigureKeeping;
  readonly download: (name: string, content: string | Blob) => void;
}

export function createKeepingSlice(
  context: SliceContext,
  keeper: GateKeeper,
  { shelf, saver, goOn, figures, download }: KeepingHands,
): SessionKeeping {
  const { set, get } = context;
  /** What waits, with its large values as they are stored; null where they are not. */
  let held: { readonly kept: KeptSession; readonly values: ReadonlyMap<number, object> | null } | null = null;
  const keeping = (part: Partial<StudioState['keeping']>): void =>
    set((state) => ({ keeping: { ...state.keeping, ...part } }));

  /** The session of this tab, or the one that was stored last; `said`: why it is not that one. */
  async function candidate(
    from: Shelf,
  ): Promise<{ readonly id: string | null; readonly said: string | null }> {
    const entries = await from.list();
    const mine = from.mine();
    const entry = entries.find(({ id }) => id === mine) ?? entries[0];
    if (!entry) return { id: null, said: null };
    if (await from.hold(entry.id)) return { id: entry.id, said: null };
    return {
      id: null,
      said: `“${entry.name}” is open in another tab. This tab begins a session of its own, and neither changes the other.`,
    };
  }

  async function load(from: Shelf, id: string): Promise<WaitingSession> {
    const found = await from.read(id);
    if (!found) throw new StudioError('missing', 'The session is not in this browser any more.');
    const { session, values } = found;
    const parts = unpack(session.parts, (number) => values.get(number) ?? null);
    if (typeof parts !== 'object' || parts === null)
      throw new StudioError('bad-file', 'The stored session has no parts. Open the models anew.');
    const kept = checkParts(presentParts(session.version, parts as StoredParts));
    const source = foundSource(kept.models.source);
    held = { kept, values };
    return {
      id,
      name: session.name,
      source: 'source' in source ? source.source : null,
      why:
        'source' in source
          ? null
          : `The browser cannot read ${source.missing.map((label) => `“${label}”`).join(', ')} by itself. Choose the same models again, and everything else is put back.`,
    };
  }

  /** What there is to say once models are open: opening clears what was said before. */
  async function waitForLast(): Promise<string | null> {
    if (!shelf) return null;
    let id: string | null = null;
    try {
      const found = await candidate(shelf);
      keeping({ status: 'idle' });
      if (found.id === null) return found.said;
      id = found.id;
      const waiting = await load(shelf, id);
      shelf.setMine(id);
      keeping({ waiting });
      return null;
    } catch (thrown) {
      if (id !== null) shelf.release(id);
      return toPlainError(thrown).message;
    }
  }

  async function putBack(waiting: WaitingSession, { kept, values }: NonNullable<typeof held>): Promise<void> {
    // What is on the page must not be stored in its place.
    const goesOnWaiting = (why: string): void =>
      keeping({ id: null, name: '', waiting: { ...waiting, why } });
    const misfit = misfitOf(kept, get());
    if (misfit !== null) return goesOnWaiting(`${misfit} Nothing of it was put back.`);
    const { status } = get().keeping;
    keeping({ status: 'restoring' });
    try {
      await restoreAll(kept, { context, keeper, goOn, figures });
      if (waiting.id !== null) await shelf?.hold(waiting.id);
      if (values) saver?.adopt(values);
      held = null;
      keeping({ id: waiting.id, name: waiting.name, waiting: null, status });
      get().notify('info', `“${waiting.name}” is put back as it was.`);
    } catch (thrown) {
      keeping({ status });
      goesOnWaiting(`It could not be put back: ${toPlainError(thrown).message}`);
    }
  }

  const part: Part = {
    keeping: { status: 'off', id: null, name: '', waiting: null },
    figures: null,

    async begin() {
      await get().connect();
      const said = await waitForLast();
      if (get().connection.status === 'ready') {
        const { waiting } = get().keeping;
        if (!waiting) await get().open(demoSource());
        else if (waiting.source) await get().open(waiting.source);
      }
      if (said !== null) get().notify('warning', said);
    },
    async reopenWaiting() {
      const { waiting } = get().keeping;
      if (refused(get(), sessionActions.reopenWaiting) || !waiting?.source) return;
      await get().open(waiting.source);
    },
    leaveWaiting() {
      const { waiting, id } = get().keeping;
      if (refused(get(), sessionActions.leaveWaiting) || !waiting) return;
      if (waiting.id !== null && waiting.id !== id) {
        shelf?.release(waiting.id);
        shelf?.setMine(id);
      }
      held = null;
      keeping({ waiting: null });
    },
    async saveSession() {
      if (refused(get(), sessionActions.saveSession)) return;
      const { keeping: known, session, calibration } = get();
      try {
        const file = await writeSessionFile(known.name || (session?.label ?? ''), keepAll(get()));
        download(`${fileName(known.name || (session?.label ?? ''))}.frism`, file);
        get().notify(
          'info',
          `The session was saved to a file, without weights${calibration.own ? ' and without your own calibration images' : ''}. Drop it on this page to have it again.`,
        );
      } catch (thrown) {
        get().notify('error', toPlainError(thrown).message);
      }
    },
    async openSession(file) {
      if (refused(get(), sessionActions.openSession, file)) return;
      try {
        const { name, kept } = await readSessionFile(file);
        // What is on the page stays stored under its own name.
        await saver?.flush();
        if (unsavedWork(get()))
          return get().notify(
            'warning',
            `${file.name} was not opened: what is on the page is not stored, and would be lost. Save this session to a file first.`,
          );
        held = { kept, values: null };
        const source = foundSource(kept.models.source, 'file');
        const waiting = {
          id: null,
          name,
          source: 'source' in source ? source.source : null,
          why: `It is of ${describeSource(kept.models.source)}.${'source' in source ? '' : ' Choose these models, and it is put back.'}`,
        };
        keeping({ id: null, name: '', waiting });
        if (get().session && misfitOf(kept, get()) === null) await putBack(waiting, held);
      } catch (thrown) {
        get().notify('error', toPlainError(thrown).message);
      }
    },
    async storeNow() {
      await saver?.flush();
    },
  };

  return {
    part,
    async modelsOpened() {
      const { waiting } = get().keeping;
      if (waiting && held) await putBack(waiting, held);
    },
    holdBack() {
      const state = get();
      const { id, name } = state.keeping;
      if (!state.session) return;
      held = { kept: keepAll(state), values: null };
      keeping({ waiting: { id, name: name || state.session.label, source: state.source, why: null } });
    },
  };
}

/** A name that any system takes for a file. */
const fileName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'session';
