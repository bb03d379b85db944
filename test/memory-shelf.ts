/** A shelf in memory that clones as a browser's storage does, with tabs that hold sessions against each other. */
import { readEntry } from '../src/state/keeping/shelf-entry.ts';
import type { SetAside, Shelf, StoredSession } from '../src/state/keeping/shelf.ts';

export interface Shelves {
  /** Of a tab of its own, or of one that was there before and is reloaded. */
  tab(name: string): Shelf;
  /** A tab that ends gives back what it holds. */
  end(name: string): void;
  readonly sessions: Map<string, StoredSession>;
  readonly values: Map<string, Map<number, object>>;
  /** Not cloned: no clone of memory takes a handle. */
  readonly folders: Map<string, object>;
  /** Whether handles can be stored. */
  handles: boolean;
  readonly aside: Map<string, SetAside>;
  /** How many large values were written, all saves together. */
  written: number;
  /** What the next writes fail with. */
  failure: Error | null;
}

export function memoryShelves(): Shelves {
  const holders = new Map<string, string>();
  const mine = new Map<string, string>();
  const shelves: Shelves = {
    sessions: new Map(),
    values: new Map(),
    folders: new Map(),
    handles: true,
    aside: new Map(),
    written: 0,
    failure: null,
    end(name) {
      for (const [id, holder] of holders) if (holder === name) holders.delete(id);
    },
    tab: (name) => ({
      list: async () =>
        [...shelves.sessions.values()]
          .flatMap((session) => readEntry({ ...session, aside: shelves.aside.get(session.id) }) ?? [])
          .sort((a, b) => b.savedAt - a.savedAt),
      async read(id) {
        const session = shelves.sessions.get(id);
        return session
          ? {
              ...structuredClone({ session, values: shelves.values.get(id) ?? new Map<number, object>() }),
              folders: shelves.folders.get(id) ?? null,
            }
          : null;
      },
      async writeFolders(id, folders) {
        if (!shelves.handles) throw new DOMException('It could not be cloned.', 'DataCloneError');
        if (folders) shelves.folders.set(id, folders);
        else shelves.folders.delete(id);
      },
      async write(session, added, gone) {
        if (shelves.failure) throw shelves.failure;
        const values = new Map(shelves.values.get(session.id));
        for (const [number, value] of added) values.set(number, structuredClone(value));
        for (const number of gone) values.delete(number);
        shelves.written += added.size;
        shelves.aside.delete(session.id);
        shelves.values.set(session.id, values);
        shelves.sessions.set(session.id, structuredClone(session));
      },
      async amend(id, { name: called, aside }) {
        const session = shelves.sessions.get(id);
        if (session && called !== undefined) shelves.sessions.set(id, { ...session, name: called });
        if (session && aside) shelves.aside.set(id, aside);
      },
      async sizes() {
        return new Map([...shelves.sessions.keys()].map((id) => [id, shelves.values.get(id)?.size ?? 0]));
      },
      async remove(id) {
        shelves.sessions.delete(id);
        shelves.values.delete(id);
        shelves.folders.delete(id);
        shelves.aside.delete(id);
      },
      async hold(id) {
        const holder = holders.get(id) ?? name;
        holders.set(id, holder);
        return holder === name;
      },
      release(id) {
        if (holders.get(id) === name) holders.delete(id);
      },
      mine: () => mine.get(name) ?? null,
      setMine(id) {
        if (id === null) mine.delete(name);
        else mine.set(name, id);
      },
    }),
  };
  return shelves;
}
