/**
 * Sends gate edits to the engine, one call at a time: while one is on its way, later edits are folded into
 * the next, so that a drag at 120 Hz never queues behind itself. Also remembers which gates were edited at
 * which revision, so that a frame computed before an edit does not overwrite it.
 */
import type { EngineApi } from '../../protocol/engine.ts';
import type { GateEdit } from '../../core/gates/field.ts';

export interface GateSender {
  send(revision: number, edit: GateEdit): void;
  /** Is there an edit of this gate that a frame of `frameRevision` does not know? */
  editedSince(frameRevision: number): ReadonlySet<number>;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  /** Forgets everything: a new session. */
  clear(): void;
}

interface Pending {
  revision: number;
  values: Map<number, number>;
  locks: Map<number, number>;
}

const empty = (): Pending => ({ revision: 0, values: new Map(), locks: new Map() });

/**
 * Values and locks may concern different gates: two calls at most, the last of which carries the revision.
 */
function editsOf(pending: Pending): GateEdit[] {
  const both = [...pending.values.keys()].filter((index) => pending.locks.has(index));
  const onlyValues = [...pending.values.keys()].filter((index) => !pending.locks.has(index));
  const onlyLocks = [...pending.locks.keys()].filter((index) => !pending.values.has(index));
  const valuesAt = (indices: number[]): Float32Array =>
    Float32Array.from(indices, (index) => pending.values.get(index) ?? 0);
  const locksAt = (indices: number[]): Uint8Array =>
    Uint8Array.from(indices, (index) => pending.locks.get(index) ?? 0);
  const edits: GateEdit[] = [];
  if (onlyValues.length)
    edits.push({ indices: Uint32Array.from(onlyValues), values: valuesAt(onlyValues), locks: null });
  if (onlyLocks.length)
    edits.push({ indices: Uint32Array.from(onlyLocks), values: null, locks: locksAt(onlyLocks) });
  if (both.length)
    edits.push({ indices: Uint32Array.from(both), values: valuesAt(both), locks: locksAt(both) });
  return edits;
}

export function createGateSender(
  engine: Pick<EngineApi, 'setGates'>,
  onError: (thrown: unknown) => void,
): GateSender {
  let pending = empty();
  let inFlight: Promise<void> | null = null;
  let edited: { revision: number; indices: Uint32Array }[] = [];

  async function drain(): Promise<void> {
    while (pending.values.size > 0 || pending.locks.size > 0) {
      const { revision } = pending;
      const edits = editsOf(pending);
      pending = empty();
      try {
        for (const edit of edits) await engine.setGates(revision, edit);
      } catch (thrown) {
        onError(thrown);
      }
    }
    inFlight = null;
  }

  return {
    send(revision, edit) {
      pending.revision = revision;
      edit.indices.forEach((index, i) => {
        const value = edit.values?.[i];
        if (value !== undefined) pending.values.set(index, value);
        const lock = edit.locks?.[i];
        if (lock !== undefined) pending.locks.set(index, lock);
      });
      edited.push({ revision, indices: edit.indices });
      inFlight ??= drain();
    },
    editedSince(frameRevision) {
      edited = edited.filter((edit) => edit.revision > frameRevision);
      const indices = new Set<number>();
      for (const edit of edited) for (const index of edit.indices) indices.add(index);
      return indices;
    },
    async settled() {
      while (inFlight) await inFlight;
    },
    clear() {
      pending = empty();
      edited = [];
    },
  };
}
