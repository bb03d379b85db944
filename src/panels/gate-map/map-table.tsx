/**
 * The gate map as a table, for those who would rather read than look: mean gates in eighths of the spectrum,
 * refreshed each second.
 */
import { useEffect, useState, type ReactNode } from 'react';
import { aggregateBands, bandOf, bandRange, makeBandFigures, makeBands } from '../../../core/gates/bands.ts';
import { slotName, spokenName, subspaceNumbers } from '../../../core/gates/slot-name.ts';
import { useStudio } from '../../state/store.ts';
import { measuredValues, measureHints, type Measure } from './cells.ts';
import css from './gate-map.module.css';

const BANDS = 8;
const REFRESH_MS = 1000;

export function MapTable({ measure }: { readonly measure: Measure }): ReactNode {
  const session = useStudio((state) => state.session);
  const selected = useStudio((state) => state.selection.slots);
  const [version, setVersion] = useState(() => useStudio.getState().gatesVersion);
  useEffect(() => {
    const timer = setInterval(() => setVersion(useStudio.getState().gatesVersion), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  if (!session) return null;
  const { gates, spectra, select } = useStudio.getState();
  const { budget } = session.layout;
  const bands = makeBands(budget === null ? BANDS : Math.min(BANDS, budget) + 1, budget);
  const figures = makeBandFigures(bands);
  const heading = (b: number): string => {
    if (budget === null) return `${Math.round((100 * b) / BANDS)}–${Math.round((100 * (b + 1)) / BANDS)} %`;
    return bands.tail && b === bands.count - 1
      ? 'tail'
      : subspaceNumbers({ gates: budget + 1, rank: budget + 1 }, bandRange(budget + 1, bandOf(bands, b)));
  };
  return (
    <div className={css.tableBox}>
      <table
        className={css.table}
        data-version={version}
        aria-label={`${measureHints[measure]}, by linear layer and ${budget === null ? 'eighth of the spectrum' : 'subspaces, the tail last'}`}
      >
        <thead>
          <tr>
            <th scope="col">Matrix</th>
            {Array.from({ length: bands.count }, (_, b) => (
              <th key={b} scope="col">
                {heading(b)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {session.slots.map((slot, index) => {
            const place = session.layout.slots[index];
            if (place)
              aggregateBands(
                place,
                gates.values,
                gates.locks,
                spectra[index]?.singularValues ?? null,
                figures,
              );
            const values = [...measuredValues(measure, figures)];
            return (
              <tr key={slot.id} aria-selected={selected.includes(index)}>
                <th scope="row">
                  <button
                    type="button"
                    onClick={() => select({ slots: [index], band: null })}
                    title={`Select ${spokenName(slot)}`}
                  >
                    {slotName(slot)}
                  </button>
                </th>
                {values.map((value, b) => (
                  <td key={b}>{Number.isNaN(value) ? '–' : value.toFixed(2)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
