/** The terms of the objective over the steps of the run, redrawn four times a second at most. */
import { useMemo, useState, type ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { useThrottled } from '../../ui/useThrottled.ts';
import chart from '../../ui/chart.module.css';
import css from './Losses.module.css';
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
        losses.length > 0 && <Button label="log" small tone="quiet" aria-pressed={log} hint="Logarithmic axis; terms that go below zero are left out" onClick={() => setLog(!log)} />
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
            <ResponsiveContainer width="100%" height="100%" debounce={80}>
              <LineChart data={[...rows]} margin={{ top: 4, right: 6, bottom: 0, left: 0 }}>
                <CartesianGrid stroke="var(--grid)" vertical={false} />
                <XAxis dataKey="step" type="number" domain={['dataMin', 'dataMax']} tick={{ className: chart.tick }} stroke="var(--border-strong)" height={18} tickLine={false} minTickGap={30} />
                <YAxis scale={log ? 'log' : 'auto'} domain={['auto', 'auto']} allowDataOverflow width={42} tick={{ className: chart.tick }} tickFormatter={formatNumber} stroke="var(--border-strong)" tickLine={false} axisLine={false} />
                <Tooltip isAnimationActive={false} formatter={(value) => Number(value).toFixed(4)} labelFormatter={(step) => `Step ${String(step)}`} {...{ wrapperClassName: chart.tooltip ?? '' }} cursor={{ stroke: 'var(--border-strong)' }} />
                {series.map(({ key, label, color }) => (
                  <Line key={key} dataKey={key} name={label} stroke={color} strokeWidth={1.6} dot={false} isAnimationActive={false} {...(key === 'composed' ? { strokeDasharray: '5 3' } : {})} />
                ))}
              </LineChart>
            </ResponsiveContainer>
          </div>
        </div>
      ) : (
        <p className={css.empty}>The terms of the objective appear here, step by step, once a run has started.</p>
      )}
    </Panel>
  );
}
