/** Runs two sides, or more, in turn, A B A B, so that all meet the same machine. */
import type { Timings } from './row.ts';

/**
 * One run; resolves with its milliseconds as that side's own clock saw them, transport between processes
 * excluded.
 */
export type Side = () => Promise<number>;

export interface Plan {
  /** Rounds that are measured at least, whatever they take, and at most. */
  readonly rounds: readonly [number, number];
  /** No further round is begun after this. */
  readonly budgetMs: number;
  /** Runs of each side before, which do not count: compilers and caches settle. */
  readonly warmUp: number;
}

/** One result for each rival, all beside the same runs of ours; null stands for a rival that is not there. */
export async function alternate(
  ours: Side,
  rivals: readonly (Side | null)[],
  { rounds: [least, most], budgetMs, warmUp }: Plan,
): Promise<Timings[]> {
  const own: number[] = [];
  const theirs = rivals.map((): number[] => []);
  const round = async (counts: boolean): Promise<void> => {
    const ms = await ours();
    if (counts) own.push(ms);
    for (const [i, rival] of rivals.entries()) {
      const rivalMs = await rival?.();
      if (counts && rivalMs !== undefined) theirs[i]?.push(rivalMs);
    }
  };
  for (let i = 0; i < warmUp; i++) await round(false);
  const begun = performance.now();
  while (own.length < least || (own.length < most && performance.now() - begun < budgetMs)) await round(true);
  return rivals.map((rival, i) => ({ ours: own, rival: rival && (theirs[i] as number[]) }));
}
