/**
 * What a screen reader is told when something has happened: what the log says without a notice, what became of a
 * run, and what an edit, an undo or a lock did. Notices speak for themselves.
 */
import type { HistoryEntry, LogEntry } from './records.ts';
import type { StudioState } from './types.ts';

type Told = Pick<StudioState, 'log' | 'undoStack' | 'redoStack' | 'run' | 'toasts'>;

function logged(now: Told, before: Told): string[] {
  const last = before.log.at(-1);
  const fresh = last ? now.log.slice(now.log.lastIndexOf(last) + 1) : now.log;
  const noticed = new Set(now.toasts.map(({ text }) => text));
  return fresh
    .filter(({ level, text }: LogEntry) => level === 'info' && !noticed.has(text))
    .map(({ text }) => text);
}

/** Of the same change: an entry that is undone or done again keeps what it leaves, and its indices. */
const isOf = (entry: HistoryEntry, other: HistoryEntry | undefined): boolean =>
  entry.indices === other?.indices;

function edited(now: Told, before: Told): string | null {
  const [done, undone] = [now.undoStack.at(-1), now.redoStack.at(-1)];
  if (done === before.undoStack.at(-1) && undone === before.redoStack.at(-1)) return null;
  if (undone && isOf(undone, before.undoStack.at(-1))) return `Undone: ${undone.label}.`;
  if (done && isOf(done, before.redoStack.at(-1))) return `Done again: ${done.label}.`;
  return done && done !== before.undoStack.at(-1) ? `${done.label}.` : null;
}

function turned({ run }: Told, { run: before }: Told): string | null {
  if (run.state === before.state) return null;
  if (run.state === 'paused') return `The run waits at step ${run.step} of ${run.steps}.`;
  return run.state === 'running' && before.state === 'paused' ? 'The run goes on.' : null;
}

/** Sentences for what changed between two states; null where nothing is to be said. */
export function announcement(now: Told, before: Told): string | null {
  if (
    now.log === before.log &&
    now.undoStack === before.undoStack &&
    now.redoStack === before.redoStack &&
    now.run.state === before.run.state
  )
    return null;
  const sentences = [turned(now, before), edited(now, before), ...logged(now, before)].filter(
    (sentence) => sentence !== null,
  );
  return sentences.length > 0 ? sentences.join(' ') : null;
}
