/**
 * A count of what other people's programs do: chat templates, and the expressions of tokenizers and adapters. They
 * run where nothing could stop them. So each operation is counted before it is done, in units that all take about as
 * long, and one that would be too much is not done. It counts work and no time, so that the same file is refused on
 * every machine or on none.
 *
 * The count is that of the program under way, and no argument of each function: a function that forgets to hand it on
 * would not be counted. Such a program never waits, so that there is one at a time.
 */

/** About a second. */
export const maxUnits = 50_000_000;

export interface Work {
  /** Done so far. */
  units: number;
  /** At most so many. */
  readonly most: number;
}

export const allowance = (most = maxUnits): Work => ({ units: 0, most });

let current: Work | null = null;

/** Counts what `run` does. */
export function measured<T>(work: Work, run: () => T): T {
  const outer = current;
  current = work;
  try {
    return run();
  } finally {
    current = outer;
  }
}

/** @throws Error where it is more than is left; it is not counted then, and must not be done */
export function spend(units: number): void {
  if (!current) throw new Error('work is done that nobody counts');
  if (!(current.units + units <= current.most))
    throw new Error(`it takes more than ${current.most} units of work`);
  current.units += units;
}
