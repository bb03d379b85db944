/** The list before the session is open: spectra as they are computed, in the order of the matrices, and a skeleton for the rest. */
import type { ReactNode } from 'react';
import { formatValue } from '../../plot/scale.ts';
import type { SlotSpectrum } from '../../protocol/session.ts';
import css from './layers.module.css';
import { Sparkline } from './Sparkline.tsx';

const SKELETON_ROWS = 14;

export function StreamingRows({ spectra }: { readonly spectra: readonly (SlotSpectrum | null)[] }): ReactNode {
  const rows = Array.from({ length: Math.max(SKELETON_ROWS, spectra.length) }, (_, i) => spectra[i] ?? null);
  return rows.map((spectrum, i) => (
    <div key={i} role="treeitem" aria-level={1} aria-selected={false} aria-busy={spectrum === null} aria-label={spectrum ? `Matrix ${i + 1}` : 'Not computed yet'} className={css.row}>
      <span className={css.name}>{spectrum ? `#${i + 1}` : <span className={`${css.skeleton} ${css.skeletonName}`} />}</span>
      {spectrum ? <Sparkline spectrum={spectrum} /> : <span className={`${css.spark} ${css.skeleton}`} />}
      <span className={css.figure}>{spectrum ? formatValue(Number(spectrum.measures.stableRank.toPrecision(2))) : ''}</span>
    </div>
  ));
}
