/**
 * What a cell of the gate map means: its value under each measure, its words, and the selection that a
 * rectangle of cells makes. Pure.
 */
import { bandOf, bandRange, type BandFigures, type Bands } from '../../../core/gates/bands.ts';
import { subspacesOf, type GateSlot } from '../../../core/gates/field.ts';
import { isTail, spokenName, subspaceNumbers, type NamedSlot } from '../../../core/gates/slot-name.ts';
import { formatValue } from '../../plot/scale.ts';
import type { Cell } from '../../plot/heatmap.ts';

export type Measure = 'gate' | 'energy' | 'locked';

export const measureNames: Readonly<Record<Measure, string>> = {
  gate: 'Gate',
  energy: 'Energy',
  locked: 'Locked',
};

export const measureHints: Readonly<Record<Measure, string>> = {
  gate: 'The colour shows the mean gate of the band.',
  energy: 'The colour shows the share of the band’s energy that is injected: Σ gate² σ² / Σ σ².',
  locked: 'The colour shows the share of the band’s gates that are locked.',
};

export function measuredValues(measure: Measure, figures: BandFigures): Float32Array {
  switch (measure) {
    case 'gate':
      return figures.mean;
    case 'energy':
      return figures.energy;
    case 'locked':
      return figures.locked;
    default:
      return measure satisfies never;
  }
}

/** The top of the measure's colour scale. */
export function measureMax(measure: Measure, gateMax: number): number {
  return measure === 'gate' ? gateMax : measure === 'energy' ? Math.max(1, gateMax * gateMax) : 1;
}

/** Powers of two divide the usual ranks: all bands of a matrix are then equally wide. */
const COLUMN_COUNTS = [128, 64, 32, 16, 8] as const;
const MIN_COLUMN_PX = 5;

/** Bands to show: as many as can be told apart, and never more than the longest spectrum has subspaces. */
export function bandCount(widthPx: number, longestRank: number): number {
  return (
    COLUMN_COUNTS.find((count) => count <= longestRank && widthPx / count >= MIN_COLUMN_PX) ??
    Math.max(1, Math.min(8, longestRank))
  );
}

export interface CellFacts {
  /** `layer 2, MLP down`. */
  readonly where: string;
  /** `subspaces 17–20 of 128`. */
  readonly which: string;
  readonly gate: string;
  readonly sigma: string;
  readonly energy: string;
  readonly locked: string;
}

export function cellFacts(
  slot: NamedSlot & Pick<GateSlot, 'gates' | 'rank'>,
  column: number,
  figures: BandFigures,
  singularValues: Float32Array | null,
): CellFacts {
  const { start, end } = bandRange(slot.gates, bandOf(figures.bands, column));
  const single = end - start === 1;
  const numbers = subspaceNumbers(slot, { start, end });
  const first = singularValues?.[start] ?? NaN;
  const last = singularValues?.[subspacesOf(slot, end - 1).end - 1] ?? NaN;
  const plural = numbers.includes('–');
  const [mean, min, max] = [
    figures.mean[column] ?? NaN,
    figures.min[column] ?? NaN,
    figures.max[column] ?? NaN,
  ];
  const energy = figures.energy[column] ?? NaN;
  return {
    where: spokenName(slot),
    which: `${isTail(slot, { start, end }) ? 'tail, ' : ''}${plural ? 'subspaces' : 'subspace'} ${numbers} of ${slot.rank}`,
    gate: single ? mean.toFixed(2) : `${mean.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`,
    sigma:
      singularValues === null
        ? 'not computed yet'
        : !plural
          ? formatValue(first)
          : `${formatValue(first)}–${formatValue(last)}`,
    energy: Number.isNaN(energy) ? '–' : `${(100 * energy).toFixed(0)} %`,
    locked: `${(100 * (figures.locked[column] ?? 0)).toFixed(0)} %`,
  };
}

export function spokenCell(facts: CellFacts): string {
  return `${facts.where}, ${facts.which}: gate ${facts.gate}, σ ${facts.sigma}, injected energy ${facts.energy}, locked ${facts.locked}`;
}

export interface CellSelection {
  readonly slots: readonly number[];
  readonly band: readonly [number, number] | null;
}

/** The rectangle between two cells, corners included; all columns make the whole spectrum. */
export function rectangleSelection(a: Cell, b: Cell, bands: Bands): CellSelection {
  const [top, bottom] = a.row <= b.row ? [a.row, b.row] : [b.row, a.row];
  const [left, right] = a.column <= b.column ? [a.column, b.column] : [b.column, a.column];
  const slots = Array.from({ length: bottom - top + 1 }, (_, i) => top + i);
  return {
    slots,
    band: left === 0 && right === bands.count - 1 ? null : [bandOf(bands, left)[0], bandOf(bands, right)[1]],
  };
}

export type CursorKey =
  'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End' | 'PageUp' | 'PageDown';

/**
 * Where a key takes the cell cursor; Page keys go a model layer at a time. Null for keys that do not move it.
 */
export function moveCursor(
  cell: Cell,
  key: string,
  rows: number,
  columns: number,
  groupStarts: readonly number[],
): Cell | null {
  const clampRow = (row: number): number => Math.min(rows - 1, Math.max(0, row));
  const clampColumn = (column: number): number => Math.min(columns - 1, Math.max(0, column));
  switch (key as CursorKey) {
    case 'ArrowUp':
      return { ...cell, row: clampRow(cell.row - 1) };
    case 'ArrowDown':
      return { ...cell, row: clampRow(cell.row + 1) };
    case 'ArrowLeft':
      return { ...cell, column: clampColumn(cell.column - 1) };
    case 'ArrowRight':
      return { ...cell, column: clampColumn(cell.column + 1) };
    case 'Home':
      return { ...cell, column: 0 };
    case 'End':
      return { ...cell, column: columns - 1 };
    case 'PageDown':
      return { ...cell, row: groupStarts.find((start) => start > cell.row) ?? clampRow(rows) };
    case 'PageUp':
      return { ...cell, row: groupStarts.findLast((start) => start < cell.row) ?? 0 };
    default:
      return null;
  }
}
