/**
 * The same gates drawn by recharts, as one would with it: a line for each matrix, no dots, no animation;
 * gates made into its rows each time.
 */
import { useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { Line, LineChart, XAxis, YAxis } from 'recharts';
import type { Picture } from './frames.ts';
import type { Scene } from './scene.ts';

type Row = Record<string, number>;

export function drawWithRecharts(stage: HTMLElement, scene: Scene): Picture {
  const layout = scene.session.layout.slots;
  const shown = scene.name === 'map' ? layout.map((_, i) => i) : scene.selected;
  const rowsAt = (frame: number): Row[] => {
    const gates = scene.gatesAt(frame);
    const length = Math.max(...shown.map((i) => layout[i]?.rank ?? 0));
    return Array.from({ length }, (_, subspace) => {
      const row: Row = { subspace };
      for (const i of shown) {
        const slot = layout[i];
        if (slot && subspace < slot.rank) row[`g${i}`] = gates[slot.offset + subspace] as number;
      }
      return row;
    });
  };
  let set = (_: Row[]): void => undefined;
  const { width, height } = stage.getBoundingClientRect();
  function Chart(): ReactNode {
    const [rows, setRows] = useState(() => rowsAt(0));
    set = setRows;
    return (
      <LineChart width={width} height={height} data={rows}>
        <XAxis dataKey="subspace" type="number" domain={['dataMin', 'dataMax']} />
        <YAxis domain={[0, 1]} />
        {shown.map((i) => (
          <Line
            key={i}
            dataKey={`g${i}`}
            stroke="#4c9be8"
            strokeWidth={1}
            dot={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    );
  }
  const root = createRoot(stage);
  root.render(<Chart />);
  return {
    show: (frame) => flushSync(() => set(rowsAt(frame))),
    drawn: () => stage.querySelector('path.recharts-line-curve')?.getAttribute('d')?.slice(0, 400) ?? '',
    remove: () => root.unmount(),
  };
}
