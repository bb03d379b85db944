/**
 * Which tab a compute worker belongs to. What a worker makes for its tab must outlive the worker: it may be started
 * again while the browser still copies an archive to where a person keeps it.
 */

/** The name that a worker is given. */
export const engineName = (tab: string): string => `engine ${tab}`;

/** The tab of a worker of this name; null for any other. */
export const tabOf = (workerName: unknown): string | null =>
  typeof workerName === 'string' ? (/^engine ([0-9a-f-]{36})$/.exec(workerName)?.[1] ?? null) : null;

/** While a lock of this name is held, the archives of this tab, or of this worker, are somebody's. */
export const archiveLock = (owner: string): string => `frism-studio.archives.${owner}`;
