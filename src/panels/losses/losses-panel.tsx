/** The terms of the objective over the steps of the run, redrawn four times a second at most. */
import { Suspense, useMemo, useState, type ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Guard } from '../../ui/guard.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useThrottled } from '../../ui/use-throttled.ts';
import { lossesChart } from './losses-chart-late.ts';
import css from './losses.module.css';
import { shownSeries, thinned } from './series.ts';

const POINTS = 240;
const readLosses = () => useStudio.getState().run.losses;

export function LossesPanel(): ReactNode {
  const losses = useThrottled(useStudio.subscribe, readLosses);
  const [log, setLog] = useState(false);
  const rows = useMemo(() => thinned(losses, POINTS), [losses]);
  const series = useMemo(() => shownSeries(rows, log), [rows, log]);
  const last = losses.at(-1);
  return (
    <Panel
      title="Losses"
      still
      actions={
        losses.length > 0 && (
          <Button
            label="log"
            small
            tone="quiet"
            aria-pressed={log}
            hint="Shows a logarithmic axis. Terms that go below zero are left out."
            onClick={() => setLog(!log)}
          />
        )
      }
    >
      {last ? (
        <div className={css.body}>
          <ul className={css.legend}>
            {series.map(({ key, label, color, about }) => (
              <li key={key} title={about}>
                <span className={css.swatch} style={{ borderColor: color }} />
                {label} <b>{(last[key] ?? 0).toFixed(2)}</b>
              </li>
            ))}
          </ul>
          <div className={css.chart}>
            <Guard what="The chart" onRetry={lossesChart.again}>
              <Suspense>
                <lossesChart.View rows={rows} series={series} log={log} />
              </Suspense>
            </Guard>
          </div>
        </div>
      ) : (
        <p className={css.empty}>
          The terms of the objective appear here, step by step, once a run has started.
        </p>
      )}
    </Panel>
  );
}
