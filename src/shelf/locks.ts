/**
 * Which tab has which session. The browser gives a lock back when its tab ends, however it ends, so nothing is ever
 * held by a tab that is gone.
 */

/** How the sessions that this tab has are given back. */
const held = new Map<string, () => void>();

const nameOf = (id: string): string => `frism-studio.session.${id}`;

/** True where this tab has it now or had it already; false where another one has it. */
export function holdInTab(id: string): Promise<boolean> {
  // Where the browser knows no locks, one tab at a time is assumed.
  if (held.has(id) || !('locks' in navigator)) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(nameOf(id), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>((release) => held.set(id, release));
      })
      .catch(reject);
  });
}

export function releaseInTab(id: string): void {
  held.get(id)?.();
  held.delete(id);
}
