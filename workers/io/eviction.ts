/** Which entries of a cache make room for new ones. */

export interface CacheEntry {
  /** Unique within the cache; `keep` speaks of it. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
  /** Written by this version of the program; entries of another can never be read again by this one. */
  readonly current: boolean;
}

/**
 * As few entries as free `excessBytes`, in the order in which they go: those of other versions first, then the ones used longest
 * ago, and none of `keep`. Null when all that may go is not enough; nothing should then be removed.
 */
export function chooseVictims<E extends CacheEntry>(entries: readonly E[], excessBytes: number, keep: ReadonlySet<string>): readonly E[] | null {
  const order = entries.filter(({ name }) => !keep.has(name)).sort((a, b) => Number(a.current) - Number(b.current) || a.usedMs - b.usedMs);
  const victims: E[] = [];
  let freed = 0;
  for (const entry of order) {
    if (freed >= excessBytes) break;
    victims.push(entry);
    freed += entry.sizeBytes;
  }
  return freed >= excessBytes ? victims : null;
}

/** What is stored and what may be, with the room that was set aside for entries not yet put. */
export class CacheRoom<E extends CacheEntry> {
  readonly #entries: Map<string, E>;
  readonly #limitBytes: number;
  #takenBytes: number;

  constructor(entries: readonly E[], limitBytes: number) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#limitBytes = limitBytes;
    this.#takenBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Whether there is room for an entry of that name, which may be there already. `remove` must be sure to have removed one when it answers true. */
  async reserve(name: string, sizeBytes: number, keep: ReadonlySet<string>, remove: (entry: E) => Promise<boolean>): Promise<boolean> {
    const moreBytes = sizeBytes - (this.#entries.get(name)?.sizeBytes ?? 0);
    const excess = this.#takenBytes + moreBytes - this.#limitBytes;
    if (excess > 0) {
      const victims = chooseVictims([...this.#entries.values()], excess, new Set([...keep, name]));
      if (!victims) return false;
      for (const victim of victims) {
        if (!(await remove(victim))) continue;
        this.#entries.delete(victim.name);
        this.#takenBytes -= victim.sizeBytes;
      }
      if (this.#takenBytes + moreBytes > this.#limitBytes) return false;
    }
    this.#takenBytes += moreBytes;
    return true;
  }
}
