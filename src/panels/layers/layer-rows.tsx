/**
 * One row of the layer list: a model layer, or one of its linear layers. Gate bars and locks are filled in by
 * `liveGates`.
 */
import { ChevronRight, Lock, LockOpen } from 'lucide-react';
import { memo, type MouseEvent, type ReactNode } from 'react';
import { kindName, slotName, spokenName } from '../../../core/gates/slot-name.ts';
import type { MeasureId } from '../../../core/spectrum/measures.ts';
import { columnText, measureTexts } from '../../plot/measure-text.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import css from './layers.module.css';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Sparkline } from './sparkline.tsx';

export interface RowPlace {
  readonly at: number;
  readonly focusable: boolean;
  readonly selected: boolean;
  onPick(at: number, event: MouseEvent): void;
}

/** What a row is called: what it is, and its gate and lock, which `liveGates` adds. */
function SpokenName({ spoken }: { readonly spoken: string }): ReactNode {
  return (
    <span className="visually-hidden" data-live-name={spoken}>
      {spoken}
    </span>
  );
}

function GateBar(): ReactNode {
  return (
    <span className={css.gate} aria-hidden="true">
      <span className={css.bar} />
      <span className={css.mean} data-live-mean="" />
    </span>
  );
}

function LockButton({
  slots,
  label,
}: {
  readonly slots: readonly number[];
  readonly label: string;
}): ReactNode {
  return (
    <button
      type="button"
      className={css.lock}
      data-live-lock=""
      tabIndex={-1}
      // L on the row does the same, and the row says whether it is locked.
      aria-hidden="true"
      data-lock-of={label}
      title="Locks or unlocks all gates of this row (L)"
      onClick={(event) => {
        event.stopPropagation();
        attempt(useStudio.getState(), actions.lockSlots, { slots, label });
      }}
    >
      <LockOpen className={css.iconOpen} aria-hidden="true" />
      <Lock className={css.iconShut} aria-hidden="true" />
    </button>
  );
}

export function MeasureCells({
  columns,
  spectrum,
}: {
  readonly columns: readonly MeasureId[];
  readonly spectrum: SlotSpectrum | null;
}): ReactNode {
  return columns.map((id) => (
    <span key={id} className={css.figure} aria-hidden="true">
      {spectrum ? columnText(spectrum.measures[id]) : ''}
    </span>
  ));
}

export const LayerHead = memo(function LayerHead(
  props: RowPlace & {
    readonly layer: number;
    readonly slots: readonly number[];
    readonly open: boolean;
    onToggle(layer: number): void;
  },
): ReactNode {
  const { layer, slots, open, at, focusable, selected, onPick, onToggle } = props;
  return (
    <div
      role="treeitem"
      aria-level={1}
      aria-expanded={open}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      className={`${css.row} ${css.head}`}
      data-row={at}
      data-live-slots={slots.join(',')}
      onClick={(event) => onPick(at, event)}
    >
      <SpokenName spoken={`Layer ${layer}, ${slots.length} linear layers`} />
      <button
        type="button"
        className={css.chevron}
        tabIndex={-1}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onToggle(layer);
        }}
      >
        <ChevronRight aria-hidden="true" />
      </button>
      <span className={css.layerName} aria-hidden="true">
        Layer {layer}
      </span>
      <GateBar />
      <LockButton slots={slots} label={`layer ${layer}`} />
    </div>
  );
});

export const SlotRow = memo(function SlotRow(
  props: RowPlace & {
    readonly index: number;
    readonly slot: SlotInfo;
    readonly spectrum: SlotSpectrum | null;
    readonly nested: boolean;
    readonly columns: readonly MeasureId[];
    onHover(slot: number | null): void;
  },
): ReactNode {
  const { index, slot, spectrum, nested, columns, at, focusable, selected, onPick, onHover } = props;
  const figures = spectrum ? measureTexts(spectrum.measures, slot.rank) : ['spectrum not computed yet'];
  const spoken = `${spokenName(slot)}, ${slot.rank} subspaces, ${figures.join(', ')}`;
  return (
    <div
      role="treeitem"
      aria-level={nested ? 2 : 1}
      aria-selected={selected}
      title={[`${slot.id}  [${slot.shape.join(' × ')}]`, ...figures].join('\n')}
      tabIndex={focusable ? 0 : -1}
      className={`${css.row} ${nested ? css.nested : ''}`}
      data-row={at}
      data-live-slots={index}
      data-testid={`layer-row-${slot.id}`}
      onClick={(event) => onPick(at, event)}
      onPointerEnter={() => onHover(index)}
      onPointerLeave={() => onHover(null)}
    >
      <SpokenName spoken={spoken} />
      <span className={css.name} aria-hidden="true">
        {nested ? kindName(slot) : slotName(slot)}
      </span>
      {spectrum ? (
        <Sparkline spectrum={spectrum} rank={slot.rank} />
      ) : (
        <span className={`${css.spark} ${css.skeleton}`} />
      )}
      <MeasureCells columns={columns} spectrum={spectrum} />
      <GateBar />
      <LockButton slots={[index]} label={spokenName(slot)} />
    </div>
  );
});
