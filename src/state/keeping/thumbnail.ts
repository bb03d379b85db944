/** A session in a few numbers, for a small picture of it: how much each layer brings, and how far its gates are open. */
import { gatesInForce } from '../gates-in-force.ts';
import type { StudioState } from '../types.ts';
import type { Thumbnail } from './shelf.ts';

/** As many columns as a small picture can show. */
const mostColumns = 48;

const rounded = (share: number): number => Math.round(100 * Math.min(1, Math.max(0, share || 0))) / 100;

/** Null where nothing is open. */
export function thumbnailOf(state: StudioState): Thumbnail | null {
  const { session, spectra, options } = state;
  if (!session || session.layout.slots.length === 0) return null;
  const { values } = gatesInForce(state);
  const { slots } = session.layout;
  const columns = Math.min(mostColumns, slots.length);
  const made = Array.from({ length: columns }, () => ({ squares: 0, sum: 0, count: 0 }));
  for (const [i, { offset, gates }] of slots.entries()) {
    const column = made[Math.floor((i * columns) / slots.length)];
    if (!column) continue;
    for (const sigma of spectra[i]?.singularValues ?? []) column.squares += sigma * sigma;
    for (let at = offset; at < offset + gates; at += 1) column.sum += values[at] ?? 0;
    column.count += gates;
  }
  const largest = made.reduce((most, { squares }) => Math.max(most, squares), 0);
  return {
    sizes: made.map(({ squares }) => rounded(Math.sqrt(squares / largest))),
    gates: made.map(({ sum, count }) => rounded(sum / (count * options.gateMax))),
  };
}

const isShares = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= mostColumns &&
  value.every((share: unknown) => typeof share === 'number' && share >= 0 && share <= 1);

/** What was stored as one; null where it is none. */
export function readThumbnail(value: unknown): Thumbnail | null {
  if (typeof value !== 'object' || value === null) return null;
  const { sizes, gates } = value as { sizes?: unknown; gates?: unknown };
  return isShares(sizes) && isShares(gates) && sizes.length === gates.length ? { sizes, gates } : null;
}
