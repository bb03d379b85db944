/**
 * Keeps the mean gates and locks on the rows up to date while a run goes, past React: elements marked with
 * `data-live-slots` get the custom properties and texts that the style sheet shows, and their gate and lock are
 * added to their names. At most ten times a second, and only after a change.
 */
import { emptyTally, meanGate, tallySlot } from '../../../core/gates/statistics.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';

const PERIOD_MS = 100;

/** Mean gate of each slot. */
export function meanGates({ session, gates }: Pick<StudioState, 'session' | 'gates'>): Float64Array {
  const slots = session?.layout.slots ?? [];
  return Float64Array.from(slots, (slot) => {
    const tally = emptyTally();
    tallySlot(tally, gates, slot, null);
    return meanGate(tally);
  });
}

export type LockState = 'none' | 'some' | 'all';

const lockWords: Readonly<Record<LockState, string>> = {
  none: 'free',
  some: 'locked in part',
  all: 'locked',
};

function showRow(element: HTMLElement, state: StudioState): void {
  const tally = emptyTally();
  for (const index of (element.dataset['liveSlots'] ?? '').split(',')) {
    const slot = state.session?.layout.slots[Number(index)];
    if (slot) tallySlot(tally, state.gates, slot, null);
  }
  if (tally.count === 0) return;
  const mean = meanGate(tally);
  const gateMax = Math.max(1, state.options.gateMax);
  const locks: LockState = tally.locked === 0 ? 'none' : tally.locked === tally.count ? 'all' : 'some';
  const name = element.querySelector<HTMLElement>('[data-live-name]');
  const label = `${name?.dataset['liveName'] ?? ''}, mean gate ${mean.toFixed(2)}, ${lockWords[locks]}`;
  if (name && name.textContent !== label) name.textContent = label;
  // Each write costs a layout of the row: none where the same stands there already.
  const width = (mean / gateMax).toFixed(4);
  if (element.dataset['locks'] === locks && element.style.getPropertyValue('--mean') === width) return;
  element.style.setProperty('--mean', width);
  element.dataset['locks'] = locks;
  const text = element.querySelector<HTMLElement>('[data-live-mean]');
  if (text) text.textContent = mean.toFixed(2);
}

/** Share of locked gates, for the heading. */
function showTotals(root: HTMLElement, { gates }: StudioState): void {
  const target = root.querySelector<HTMLElement>('[data-live-locked]');
  if (!target) return;
  const locked = gates.locks.reduce((sum, lock) => sum + lock, 0);
  const share = gates.locks.length > 0 ? locked / gates.locks.length : 0;
  target.textContent = `${share > 0 && share < 0.01 ? '< 1' : Math.round(100 * share)} % locked`;
}

/** Starts keeping `root`'s rows; call `refresh` after React changed which rows there are. */
export function keepRowsLive(root: HTMLElement): { refresh(): void; dispose(): void } {
  let timer = 0;
  const show = (): void => {
    const state = useStudio.getState();
    for (const element of root.querySelectorAll<HTMLElement>('[data-live-slots]')) showRow(element, state);
    showTotals(root, state);
  };
  const unsubscribe = useStudio.subscribe((state, previous) => {
    if (
      state.gatesVersion === previous.gatesVersion &&
      state.session === previous.session &&
      state.spectra === previous.spectra
    )
      return;
    timer ||= window.setTimeout(() => {
      timer = 0;
      show();
    }, PERIOD_MS);
  });
  return {
    refresh: show,
    dispose() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
