/** The tail's part of the plot: set apart by its ground and a rule, and named beneath. */
import { subspacesOf, type GateSlot } from '../../../core/gates/field.ts';
import type { Palette } from '../../plot/palette.ts';
import type { PlotGeometry } from './geometry.ts';

/** Under the curves. */
export function paintTailGround(
  context: CanvasRenderingContext2D,
  { box, axis }: PlotGeometry,
  palette: Palette,
): void {
  if (!axis.tail) return;
  const left = box.left + axis.tail.at * box.width;
  context.fillStyle = palette.surface;
  context.fillRect(left, box.top, box.left + box.width - left, box.height);
}

/** On top of the curves. */
export function paintTailFrame(
  context: CanvasRenderingContext2D,
  { box, axis }: PlotGeometry,
  slot: GateSlot,
  palette: Palette,
): void {
  if (!axis.tail) return;
  const left = Math.round(box.left + axis.tail.at * box.width) + 0.5;
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  context.strokeStyle = palette.textFaint;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, box.top - 4);
  context.lineTo(left, bottom + 3);
  context.stroke();

  const { start, end } = subspacesOf(slot, slot.gates - 1);
  context.font = `${11 * palette.textScale}px ${palette.font}`;
  context.textBaseline = 'top';
  context.textAlign = 'center';
  context.fillStyle = palette.textDim;
  const names = [`tail (${(end - start).toLocaleString('en')} subspaces)`, `tail (${end - start})`, 'tail'];
  const name = names.find((text) => context.measureText(text).width <= right - left + 24) ?? 'tail';
  // Lower than the numbers, for the handle is as wide and may lie on the floor. The name may reach over the
  // right edge of the plot, where there is room, but never over the numbers to its left.
  const half = context.measureText(name).width / 2;
  context.fillText(name, Math.max((left + right) / 2, left + half + 2), bottom + 9);
}
