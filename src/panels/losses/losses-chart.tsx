/** The loss curves themselves. */
import type { ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import chart from '../../ui/chart.module.css';
import { formatNumber } from '../../ui/format.ts';
import type { LossRow, LossSeries } from './series.ts';

export default function LossesChart({
  rows,
  series,
  log,
}: {
  rows: readonly LossRow[];
  series: readonly LossSeries[];
  log: boolean;
}): ReactNode {
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={80}>
      <LineChart data={[...rows]} margin={{ top: 4, right: 6, bottom: 0, left: 0 }}>
        <CartesianGrid stroke="var(--grid)" vertical={false} />
        <XAxis
          dataKey="step"
          type="number"
          domain={['dataMin', 'dataMax']}
          tick={{ className: chart.tick }}
          stroke="var(--border-strong)"
          height={18}
          tickLine={false}
          minTickGap={30}
        />
        <YAxis
          scale={log ? 'log' : 'auto'}
          domain={['auto', 'auto']}
          allowDataOverflow
          width={42}
          tick={{ className: chart.tick }}
          tickFormatter={formatNumber}
          stroke="var(--border-strong)"
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          isAnimationActive={false}
          formatter={(value) => Number(value).toFixed(4)}
          labelFormatter={(step) => `Step ${String(step)}`}
          {...{ wrapperClassName: chart.tooltip ?? '' }}
          cursor={{ stroke: 'var(--border-strong)' }}
        />
        {series.map(({ key, label, color, dashes }) => (
          <Line
            key={key}
            dataKey={key}
            name={label}
            stroke={color}
            strokeWidth={1.6}
            dot={false}
            isAnimationActive={false}
            {...(dashes === null ? {} : { strokeDasharray: dashes })}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
