/** The colour scale with its numbers, and the hatching's meaning. */
import { useEffect, useRef, type ReactNode } from 'react';
import { gateColours } from '../../plot/colour.ts';
import { readPalette, watchTheme } from '../../plot/palette.ts';
import { createSurface, snap } from '../../plot/surface.ts';
import { useStudio } from '../../state/store.ts';
import { measureHints, measureMax, type Measure } from './cells.ts';
import css from './gate-map.module.css';

export function MapLegend({ measure }: { readonly measure: Measure }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const gateMax = useStudio((state) => state.options.gateMax);
  const max = measureMax(measure, gateMax);
  useEffect(() => {
    if (!canvas.current) return;
    const surface = createSurface(canvas.current, (context, { width, height, ratio }) => {
      const palette = readPalette();
      const colours = gateColours(palette.dark, max);
      const steps = Math.round(width);
      // Equal steps of colour, not of value: the scale bends at 1 when gates may exceed it.
      for (let i = 0; i < steps; i++) {
        context.fillStyle = colours.css(valueAtShare(colours.share, max, (i + 0.5) / steps));
        const left = snap((i / steps) * width, ratio);
        context.fillRect(left, 0, snap(((i + 1) / steps) * width, ratio) - left, height);
      }
      if (max > 1) {
        context.fillStyle = palette.text;
        context.fillRect(snap(colours.share(1) * width, ratio), 0, 1, height);
      }
    });
    const unwatch = watchTheme(surface.invalidate);
    return () => {
      unwatch();
      surface.dispose();
    };
  }, [max]);
  const percent = measure !== 'gate';
  const label = (value: number): string => (percent ? `${Math.round(100 * value)} %` : String(value));
  return (
    <div className={css.legend} title={measureHints[measure]}>
      <span>{label(0)}</span>
      <canvas
        ref={canvas}
        className={css.ramp}
        role="img"
        aria-label={`Colour scale from ${label(0)} to ${label(max)}`}
      />
      <span>{label(max)}</span>
      {measure !== 'locked' && (
        <span className={css.lockedKey}>
          <span className={css.hatch} aria-hidden="true" />
          locked
        </span>
      )}
    </div>
  );
}

/** The value at a position of a rising scale, by bisection. */
function valueAtShare(share: (value: number) => number, max: number, wanted: number): number {
  let low = 0;
  let high = max;
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (share(middle) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
