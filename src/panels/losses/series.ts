/** Losses made fit for a chart: few enough points, and a log axis that only shows what has a logarithm. */
import type { Losses } from '../../../protocol/events.ts';

export type LossRow = Losses & { readonly step: number };
export type LossKey = 'distill' | 'inject' | 'trace' | 'composed' | 'total';

export interface LossSeries {
  readonly key: LossKey;
  readonly label: string;
  readonly color: string;
  readonly about: string;
}

const lossSeries: readonly LossSeries[] = [
  {
    key: 'distill',
    label: 'distill',
    color: 'var(--vision)',
    about: 'Distance to the VLM on perception, in nats an answer token (Eq. 8)',
  },
  {
    key: 'inject',
    label: 'inject',
    color: 'var(--neutral-mark)',
    about: 'Injection term, normalised: −1 is all gates open (Eq. 9)',
  },
  {
    key: 'trace',
    label: 'trace',
    color: 'var(--reason)',
    about: 'Distance to the LRM on text prompts, in nats an answer token',
  },
  {
    key: 'composed',
    label: 'composed',
    color: 'var(--reason-strong)',
    about: 'Distance, on images, to the LRM on the VLM’s transcript of them',
  },
];

/** At most `limit` rows: every n-th, and always the last. */
export function thinned(rows: readonly LossRow[], limit: number): readonly LossRow[] {
  if (rows.length <= limit) return rows;
  const stride = Math.ceil(rows.length / limit);
  const kept = rows.filter((_, i) => i % stride === 0);
  const last = rows.at(-1);
  return last && kept.at(-1) !== last ? [...kept, last] : kept;
}

/** Which series have values; on a log axis only those that are positive throughout. */
export function shownSeries(rows: readonly LossRow[], log: boolean): readonly LossSeries[] {
  return lossSeries.filter(
    ({ key }) => rows.some((row) => row[key] !== null) && (!log || rows.every((row) => (row[key] ?? 1) > 0)),
  );
}
