/**
 * Ties a gesture to an element's pointer events. The pointer is captured, so the gesture goes on outside the
 * element; Escape and a lost pointer cancel it. Samples are relative to `origin`'s top left corner, in CSS
 * pixels. Returns what unties it.
 */
import type { Gesture, PointerSample } from './gesture.ts';

export function bindGesture(
  element: HTMLElement,
  gesture: Gesture,
  origin: HTMLElement = element,
): () => void {
  const sampleOf = (event: PointerEvent): PointerSample => {
    const { left, top } = origin.getBoundingClientRect();
    return {
      id: event.pointerId,
      x: event.clientX - left,
      y: event.clientY - top,
      alt: event.altKey,
      shift: event.shiftKey,
    };
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || !event.isPrimary) return;
    if (gesture.down(sampleOf(event))) element.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent): void => {
    if (!gesture.active) return;
    // A fast stroke arrives as several samples in one event; a freehand line needs them all.
    const samples = event.getCoalescedEvents();
    for (const sample of samples.length > 0 ? samples : [event]) gesture.move(sampleOf(sample));
  };
  const onUp = (event: PointerEvent): void => gesture.up(sampleOf(event));
  const onLost = (): void => gesture.cancel();
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !gesture.active) return;
    // Escape ends the gesture and nothing else.
    event.preventDefault();
    event.stopPropagation();
    gesture.cancel();
  };
  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onLost);
  element.addEventListener('lostpointercapture', onLost);
  window.addEventListener('keydown', onKey, true);
  return () => {
    gesture.cancel();
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('pointermove', onMove);
    element.removeEventListener('pointerup', onUp);
    element.removeEventListener('pointercancel', onLost);
    element.removeEventListener('lostpointercapture', onLost);
    window.removeEventListener('keydown', onKey, true);
  };
}
