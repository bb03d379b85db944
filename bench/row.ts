/**
 * One line of the result, and how it comes from the times that were measured.
 *
 * Both sides ran alternately, so that what slows the machine down slows both: pair i is our run i and the
 * rival's run i beside it.
 *   oursMs, rivalMs  medians;
 *   ratio            oursMs / rivalMs: below 1 we are faster;
 *   spread           half the interquartile range of the pairs' own ratios (without a rival: of our times, divided by their median).
 */
export interface BenchRow {
  readonly name: string;
  readonly case: string;
  /** With version; a rival that is not there says so, and has neither time nor ratio. */
  readonly rival: string;
  readonly oursMs: number;
  readonly rivalMs: number | null;
  readonly ratio: number | null;
  /** Pairs that were measured; warming up is not among them. */
  readonly runs: number;
  readonly spread: number;
}

/** Milliseconds of every run, `rival[i]` beside `ours[i]`; `rival` null where there is none. */
export interface Timings {
  readonly ours: readonly number[];
  readonly rival: readonly number[] | null;
}

export function makeRow(
  name: string,
  what: string,
  rival: string,
  { ours, rival: theirs }: Timings,
): BenchRow {
  if (ours.length === 0 || (theirs && theirs.length !== ours.length))
    throw new Error(
      `${name}, ${what}: ${ours.length} of our runs and ${theirs?.length} of the rival's make no pairs.`,
    );
  const oursMs = median(ours);
  const rivalMs = theirs && median(theirs);
  const relative = theirs ? ours.map((ms, i) => ms / (theirs[i] as number)) : ours.map((ms) => ms / oursMs);
  return {
    name,
    case: what,
    rival,
    oursMs: rounded(oursMs),
    rivalMs: rivalMs && rounded(rivalMs),
    ratio: rivalMs && rounded(oursMs / rivalMs),
    runs: ours.length,
    spread: rounded((quantile(relative, 0.75) - quantile(relative, 0.25)) / 2, 2),
  };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Linear between neighbours, as numpy's default. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (at - Math.floor(at)) * (high - low);
}

/** To significant digits. */
function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
