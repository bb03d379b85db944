/** What the selection lets through, in numbers; four times a second while they change. */
import { useCallback, type ReactNode } from 'react';
import {
  emptyTally,
  injectedShare,
  meanGate,
  tallySlot,
  type GateTally,
} from '../../../core/gates/statistics.ts';
import { bandRange } from '../../../core/gates/bands.ts';
import { useStudio } from '../../state/store.ts';
import { useThrottled } from '../../ui/use-throttled.ts';
import css from './gate-editor.module.css';
import { targetOf } from '../../state/selection-target.ts';

const REFRESH_MS = 200;

/** Tally of the selection as of now; refreshed when gates, selection or spectra change. */
export function useSelectionTally(): GateTally {
  const subscribe = useCallback(
    (listener: () => void) =>
      useStudio.subscribe((state, previous) => {
        if (
          state.gates !== previous.gates ||
          state.selection !== previous.selection ||
          state.spectra !== previous.spectra
        )
          listener();
      }),
    [],
  );
  return useThrottled(subscribe, readTally, REFRESH_MS);
}

function readTally(): GateTally {
  const state = useStudio.getState();
  const tally = emptyTally();
  const target = targetOf(state);
  if (!target) return tally;
  state.selection.slots.forEach((index) => {
    const slot = state.session?.layout.slots[index];
    if (slot)
      tallySlot(
        tally,
        state.gates,
        slot,
        state.spectra[index]?.singularValues ?? null,
        bandRange(slot.gates, target.band),
      );
  });
  return tally;
}

export function StatsLine({ tally }: { readonly tally: GateTally }): ReactNode {
  if (tally.count === 0) return null;
  const injected = injectedShare(tally);
  const count = tally.count.toLocaleString('en');
  return (
    <dl className={css.stats} data-testid="gate-stats">
      <div title="This is the injected share of the selection’s energy: Σ gate² σ² / Σ σ².">
        <dt>
          <span className={css.wideOnly}>injected </span>energy
        </dt>
        <dd>{Number.isNaN(injected) ? '–' : `${(100 * injected).toFixed(0)} %`}</dd>
      </div>
      <div title="This is the number of gates above one half.">
        <dt>open</dt>
        <dd>{`${tally.open.toLocaleString('en')} / ${count}`}</dd>
      </div>
      <div>
        <dt>locked</dt>
        <dd data-testid="locked-count">{`${tally.locked.toLocaleString('en')} / ${count}`}</dd>
      </div>
      <div className={css.wideOnly}>
        <dt>mean</dt>
        <dd>{meanGate(tally).toFixed(3)}</dd>
      </div>
    </dl>
  );
}
