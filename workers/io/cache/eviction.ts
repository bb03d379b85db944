/** Which entries of a cache make room for new ones. */

export interface CacheEntry {
  /** Unique within the cache; `keep` speaks of it. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
  /** Written by this version of the program; entries of another can never be read again by this one. */
  readonly current: boolean;
  remove(): Promise<void>;
}

/**
 * As few entries as free `excessBytes`, in the order in which they go: those of other versions first, then
 * the ones used longest ago, and none of `keep`. Null when all that may go is not enough; nothing should then
 * be removed.
 */
export function chooseVictims<E extends Omit<CacheEntry, 'remove'>>(
  entries: readonly E[],
  excessBytes: number,
  keep: ReadonlySet<string>,
): readonly E[] | null {
  const order = entries
    .filter(({ name }) => !keep.has(name))
    .sort((a, b) => Number(a.current) - Number(b.current) || a.usedMs - b.usedMs);
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
export class CacheRoom {
  readonly #entries: Map<string, CacheEntry>;
  readonly #limitBytes: number;
  #takenBytes: number;

  constructor(entries: readonly CacheEntry[], limitBytes: number) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.#limitBytes = limitBytes;
    this.#takenBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Whether there is room for an entry of that name, which may be there already. */
  async reserve(name: string, sizeBytes: number, keep: ReadonlySet<string>): Promise<boolean> {
    const moreBytes = sizeBytes - (this.#entries.get(name)?.sizeBytes ?? 0);
    const excess = this.#takenBytes + moreBytes - this.#limitBytes;
    const victims =
      excess > 0 ? chooseVictims([...this.#entries.values()], excess, new Set([...keep, name])) : [];
    if (!victims) return false;
    for (const victim of victims) {
      this.#entries.delete(victim.name);
      this.#takenBytes -= victim.sizeBytes;
      await victim.remove();
    }
    this.#takenBytes += moreBytes;
    return true;
  }
}
