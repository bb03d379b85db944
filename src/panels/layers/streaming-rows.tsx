/**
 * The matrices of a trio that is being opened: previews and exact spectra as they are computed, and a
 * skeleton for the rest. They stand in the list where nothing is open yet, and above it while the session
 * before stays usable.
 */
import { memo, type ReactNode } from 'react';
import { slotName, spokenName } from '../../../core/gates/slot-name.ts';
import type { MeasureId } from '../../../core/spectrum/measures.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import { useStudio } from '../../state/store.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './layers.module.css';
import { MeasureCells } from './layer-rows.tsx';
import { Sparkline } from './sparkline.tsx';

const SKELETON_ROWS = 14;

interface Columns {
  readonly columns: readonly MeasureId[];
}

export function StreamingRows({ columns }: Columns): ReactNode {
  const incoming = useStudio((state) => state.incoming);
  if (!incoming)
    return Array.from({ length: SKELETON_ROWS }, (_, i) => (
      <StreamingRow key={i} slot={null} spectrum={null} columns={columns} />
    ));
  return incoming.slots.map((slot, i) => (
    <StreamingRow key={slot.id} slot={slot} spectrum={incoming.spectra[i] ?? null} columns={columns} />
  ));
}

/** Above the list of the session that is still open. */
export function IncomingSection({ columns }: Columns): ReactNode {
  const incoming = useStudio((state) => state.incoming);
  if (!incoming) return null;
  const exact = incoming.spectra.filter((spectrum) => spectrum?.exact).length;
  return (
    <section className={css.incoming} aria-label="Being opened">
      <h3 className={css.incomingTitle}>
        Being opened · {exact} of {incoming.slots.length}
      </h3>
      <div className={css.list} role="tree" aria-label="Matrices being opened" tabIndex={0}>
        <StreamingRows columns={columns} />
      </div>
    </section>
  );
}

const StreamingRow = memo(function StreamingRow({
  slot,
  spectrum,
  columns,
}: Columns & {
  readonly slot: SlotInfo | null;
  readonly spectrum: SlotSpectrum | null;
}): ReactNode {
  const state = spectrum === null ? 'none' : spectrum.exact ? 'exact' : 'preview';
  const said = {
    none: 'not computed yet',
    preview: 'a preview of its spectrum',
    exact: spectrum?.by === 'device' ? 'decomposed on the graphics processor' : 'decomposed',
  }[state];
  return (
    <div
      role="treeitem"
      aria-level={1}
      aria-selected={false}
      aria-busy={state !== 'exact'}
      title={
        state === 'preview'
          ? 'The strongest singular values, approximately; the exact ones follow'
          : undefined
      }
      className={`${css.row} ${state === 'preview' ? css.preview : ''}`}
      data-testid={testIds.incomingRow}
      data-spectrum={state}
    >
      <span className="visually-hidden">{slot ? `${spokenName(slot)}, ${said}` : 'Not known yet'}</span>
      <span className={css.name} aria-hidden="true">
        {slot ? slotName(slot) : <span className={`${css.skeleton} ${css.skeletonName}`} />}
      </span>
      {slot && spectrum ? (
        <Sparkline spectrum={spectrum} rank={slot.rank} />
      ) : (
        <span className={`${css.spark} ${css.skeleton}`} />
      )}
      <MeasureCells columns={columns} spectrum={spectrum} />
      <span className={css.stateWord} aria-hidden="true">
        {state === 'preview' ? 'preview' : ''}
      </span>
    </div>
  );
});
