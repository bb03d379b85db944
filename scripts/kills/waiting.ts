/** How long a process has been kept waiting by a machine that runs others. */
import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 20;

/**
 * Begins to watch a process; what is returned ends it and says for how many ms one of its threads could have run and
 * was not let: in each short while, what the thread that waited longest has waited. 0 where the system does not tell,
 * which is everywhere but on Linux.
 * @param waits ms that each thread has waited since it began
 */
export function watchWaiting(pid: number | undefined, waits = waitsOf): () => number {
  let before = waits(pid);
  let sumMs = 0;
  const look = (): void => {
    const after = waits(pid);
    sumMs += Math.max(0, ...[...after].map(([thread, ms]) => ms - (before.get(thread) ?? 0)));
    before = after;
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    return sumMs;
  };
}

/** By thread, since it began. The second number of schedstat is ns on the run queue: Linux, Documentation/scheduler. */
function waitsOf(pid: number | undefined): Map<string, number> {
  const found = new Map<string, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
      found.set(thread, Number(text.split(' ')[1]) / 1e6 || 0);
    }
  } catch {
    // It has ended.
  }
  return found;
}
