/**
 * Ties a gesture to an element's pointer events. The pointer is captured, so the gesture goes on outside the
 * element; Escape and a lost pointer cancel it. Samples are relative to `origin`'s top left corner, in CSS
 * pixels. Where a finger `scrolls` the element, a swipe down or up is left to that; a tap and a stroke across are
 * gestures. Returns what unties it.
 */
import type { Gesture, PointerSample } from './gesture.ts';

/** A finger that has gone this far has shown its direction. */
const DECIDES_PX = 8;

export function bindGesture(
  element: HTMLElement,
  gesture: Gesture,
  origin: HTMLElement = element,
  { scrolls = false }: { readonly scrolls?: boolean } = {},
): () => void {
  /** A finger that is down where a swipe scrolls: it has not shown yet what it wants. */
  let undecided: PointerSample | null = null;
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
    undecided = null;
    if (scrolls && event.pointerType === 'touch') undecided = sampleOf(event);
    else if (gesture.down(sampleOf(event))) element.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent): void => {
    if (undecided?.id === event.pointerId) {
      const { x, y } = sampleOf(event);
      const [across, along] = [Math.abs(x - undecided.x), Math.abs(y - undecided.y)];
      if (Math.max(across, along) < DECIDES_PX) return;
      const begun = undecided;
      undecided = null;
      // Down or up it is the page's; across it draws.
      if (across > along && gesture.down(begun)) element.setPointerCapture(event.pointerId);
    }
    if (!gesture.active) return;
    // A fast stroke arrives as several samples in one event; a freehand line needs them all.
    const samples = event.getCoalescedEvents();
    for (const sample of samples.length > 0 ? samples : [event]) gesture.move(sampleOf(sample));
  };
  const onUp = (event: PointerEvent): void => {
    // A tap: the finger came and went.
    if (undecided?.id === event.pointerId) gesture.down(undecided);
    undecided = null;
    gesture.up(sampleOf(event));
  };
  const onLost = (): void => {
    undecided = null;
    gesture.cancel();
  };
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
