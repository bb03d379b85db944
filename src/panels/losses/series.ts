/** Losses made fit for a chart: few enough points, and a log axis that only shows what has a logarithm. */
import { termRows, type Losses, type TermId } from '../../../core/objective/terms.ts';

export type LossRow = Losses & { readonly step: number };

export interface LossSeries {
  readonly key: TermId;
  readonly label: string;
  readonly color: string;
  /** Lengths of dashes and gaps; null for a line without. */
  readonly dashes: string | null;
  readonly about: string;
}

const accents = { vlm: 'vision', lrm: 'reason' } as const;

/** In the colour of the teacher; a second and third term of one teacher are darker, and dashed. */
const lossSeries: readonly LossSeries[] = termRows.map(([key, { lessons, about, source }], i) => {
  const earlier = termRows
    .slice(0, i)
    .filter(([, row]) => lessons !== null && row.lessons?.teacher === lessons.teacher).length;
  const accent = lessons === null ? 'neutral-mark' : accents[lessons.teacher];
  return {
    key,
    label: key,
    color: `var(--${accent}${earlier > 0 ? '-strong' : ''})`,
    dashes: earlier > 0 ? `${5 / earlier} 3` : null,
    about: `${about} (${source})`,
  };
});

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
