/**
 * The singular values of one task vector, both axes logarithmic, with the noise edge, and what they amount to
 * in words.
 */
import { useEffect, useRef, type ReactNode } from 'react';
import { readPalette, watchTheme } from '../../plot/palette.ts';
import { measureTexts } from '../../plot/measure-text.ts';
import { paintSparkline } from '../../plot/spectrum.ts';
import { createSurface } from '../../plot/surface.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';
import { formatNumber } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './preview.module.css';

const round = (value: number): string => formatNumber(Number(value.toPrecision(3)));

export function SpectrumPlot({
  slot,
  spectrum,
}: {
  readonly slot: SlotInfo;
  readonly spectrum: SlotSpectrum;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { singularValues, measures } = spectrum;
  useEffect(() => {
    if (!canvas.current) return;
    const surface = createSurface(canvas.current, (context, { width, height }) => {
      const palette = readPalette();
      paintSparkline(
        context,
        singularValues,
        slot.rank,
        measures.noiseEdge,
        { left: 0, top: 4, width, height: height - 4 },
        palette.auto,
        palette.text,
      );
    });
    const unwatch = watchTheme(surface.invalidate);
    return () => {
      unwatch();
      surface.dispose();
    };
  }, [singularValues, slot.rank, measures]);

  const above = singularValues.findIndex((sigma) => sigma <= measures.noiseEdge);
  const signal = above < 0 ? singularValues.length : above;
  const largest = round(singularValues[0] ?? 0);
  return (
    <figure className={css.spectrum} data-testid={testIds.previewSpectrum}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Singular values of ${slot.id}: ${singularValues.length}, falling from ${largest} to ${round(singularValues.at(-1) ?? 0)}.`}
      />
      <figcaption>
        Largest σ {largest}; {measureTexts(measures, slot.rank).join(', ')};{' '}
        {measures.noiseEdge > 0 ? `${signal} above the noise edge (dashed)` : 'no noise'}.
      </figcaption>
    </figure>
  );
}
