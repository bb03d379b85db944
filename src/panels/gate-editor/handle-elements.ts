/**
 * The handles as elements: on the curve, in step with it, and spoken as sliders. Written past React, only
 * where something changed. The last element is the tail's, as wide as its part of the plot; the others hold a
 * gate each, as many as there are places.
 */
import { isTail, subspaceNumbers } from '../../../core/gates/slot-name.ts';
import { subspacesOf, type GateSlot } from '../../../core/gates/field.ts';
import { formatValue } from '../../plot/scale.ts';
import type { SpectralAxis } from '../../plot/spectral-axis.ts';
import type { StudioState } from '../../state/types.ts';
import { handleGate, isTailHandle, tailSpan, type PlotGeometry } from './geometry.ts';
import type { Target } from '../../state/selection-target.ts';

/** 0.4700000286 is float32's 0.47. */
const rounded = (gate: number): string => Number(gate.toFixed(4)).toString();

/** The handle that element `e` of `count` shows; −1 for none. */
export function handleOfElement(
  e: number,
  count: number,
  places: readonly number[],
  axis: SpectralAxis,
): number {
  const tailHandle = places.findIndex((place) => isTailHandle(axis, place));
  if (e === count - 1) return tailHandle;
  return e < (tailHandle < 0 ? places.length : tailHandle) ? e : -1;
}

/** The element that shows handle `k`; −1 for none. */
export function elementOfHandle(
  k: number,
  count: number,
  places: readonly number[],
  axis: SpectralAxis,
): number {
  return k >= 0 && isTailHandle(axis, places[k] ?? 0) ? count - 1 : k;
}

/** σ of a gate's subspaces: one, or the first and the last with `between` in between. */
export function sigmaText(
  slot: Pick<GateSlot, 'gates' | 'rank'>,
  gate: number,
  sigmas: Float32Array,
  between: string,
): string {
  const { start, end } = subspacesOf(slot, gate);
  const first = formatValue(sigmas[start] ?? NaN);
  return end - start === 1 ? first : `${first}${between}${formatValue(sigmas[end - 1] ?? NaN)}`;
}

export function placeHandles(
  elements: readonly HTMLElement[],
  places: readonly number[],
  state: StudioState,
  target: Target,
  geometry: PlotGeometry,
  shown: boolean,
): void {
  const { box, axis, y, gateMax } = geometry;
  const { slot, index } = target.primary;
  const sigmas = state.spectra[index]?.singularValues;
  elements.forEach((element, e) => {
    const place = places[handleOfElement(e, elements.length, places, axis)];
    element.hidden = place === undefined || !shown;
    if (place === undefined) return;
    const gateIndex = handleGate(axis, place);
    const range = { start: gateIndex, end: gateIndex + 1 };
    const gate = state.gates.values[slot.offset + gateIndex] ?? 0;
    const locked = state.gates.locks[slot.offset + gateIndex] === 1;
    const span = isTail(slot, range) ? tailSpan(geometry) : null;
    const x = span ? span.left : box.left + place * box.width;
    element.style.transform = `translate(${x.toFixed(1)}px, ${y.toPixel(gate).toFixed(1)}px)`;
    element.style.width = span ? `${span.width.toFixed(1)}px` : '';
    setAttribute(element, 'aria-valuenow', rounded(gate));
    setAttribute(element, 'aria-valuemax', String(gateMax));
    setAttribute(element, 'data-locked', String(locked));
    setAttribute(
      element,
      'aria-label',
      span
        ? `Gate of the tail, subspaces ${subspaceNumbers(slot, range).replace('–', ' to ')} of ${slot.rank}`
        : `Gate of subspace ${gateIndex + 1} of ${slot.rank}`,
    );
    setAttribute(
      element,
      'aria-valuetext',
      `${rounded(gate)}${sigmas ? `, σ ${sigmaText(slot, gateIndex, sigmas, ' to ')}` : ''}${locked ? ', locked' : ', auto'}`,
    );
  });
}

function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
