/** The handles as elements: on the curve, in step with it, and spoken as sliders. Written past React, only where something changed. */
import { formatValue } from '../../plot/scale.ts';
import type { StudioState } from '../../state/types.ts';
import { handleSubspace, type PlotGeometry } from './geometry.ts';
import type { Target } from './target.ts';

/** 0.4700000286 is float32's 0.47. */
const rounded = (gate: number): string => Number(gate.toFixed(4)).toString();

export function placeHandles(elements: readonly HTMLElement[], places: readonly number[], state: StudioState, target: Target, geometry: PlotGeometry, shown: boolean): void {
  const { box, axis, y, gateMax } = geometry;
  const { slot, index } = target.primary;
  const sigmas = state.spectra[index]?.singularValues;
  elements.forEach((element, k) => {
    const place = places[k];
    element.hidden = place === undefined || !shown;
    if (place === undefined) return;
    const subspace = handleSubspace(axis, place);
    const gate = state.gates.values[slot.offset + subspace] ?? 0;
    const locked = state.gates.locks[slot.offset + subspace] === 1;
    const sigma = sigmas?.[subspace];
    element.style.transform = `translate(${(box.left + place * box.width).toFixed(1)}px, ${y.toPixel(gate).toFixed(1)}px)`;
    setAttribute(element, 'aria-valuenow', rounded(gate));
    setAttribute(element, 'aria-valuemax', String(gateMax));
    setAttribute(element, 'data-locked', String(locked));
    setAttribute(element, 'aria-label', `Gate of subspace ${subspace + 1} of ${slot.rank}`);
    setAttribute(element, 'aria-valuetext', `${rounded(gate)}${sigma === undefined ? '' : `, σ ${formatValue(sigma)}`}${locked ? ', locked' : ', auto'}`);
  });
}

function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
