/**
 * A matrix's log spectrum in a few pixels; the dashed line is the noise edge. A preview of it is dashed
 * itself.
 */
import { memo, useEffect, useRef, type ReactNode } from 'react';
import { readPalette, watchTheme } from '../../plot/palette.ts';
import { paintSparkline } from '../../plot/spectrum.ts';
import { createSurface } from '../../plot/surface.ts';
import type { SlotSpectrum } from '../../../protocol/session.ts';
import css from './layers.module.css';

export const Sparkline = memo(function Sparkline({
  spectrum,
  rank,
}: {
  readonly spectrum: SlotSpectrum;
  readonly rank: number;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const surface = createSurface(canvas.current, (context, { width, height }) => {
      const palette = readPalette();
      const box = { left: 0, top: 1, width, height: height - 1 };
      paintSparkline(
        context,
        spectrum.singularValues,
        rank,
        spectrum.measures.noiseEdge,
        box,
        palette.data,
        palette.textFaint,
      );
    });
    const unwatch = watchTheme(surface.invalidate);
    return () => {
      unwatch();
      surface.dispose();
    };
  }, [spectrum, rank]);
  return <canvas ref={canvas} className={css.spark} aria-hidden="true" />;
});
