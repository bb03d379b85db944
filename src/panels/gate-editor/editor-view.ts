/**
 * The living plot of the editor: repaints after any change that shows in it, at most once a frame and past
 * React; turns pointer and keys into gestures. `dispose` ends everything, a gesture under way included.
 */
import { isTail, subspaceNumbers } from '../../../core/gates/slot-name.ts';
import { bindGesture } from '../../plot/bind-gesture.ts';
import { createGesture, type GesturePoint, type GestureSession } from '../../plot/gesture.ts';
import { readPalette, watchTheme, type Palette } from '../../plot/palette.ts';
import { createSurface } from '../../plot/surface.ts';
import { useStudio } from '../../state/store.ts';
import { paintEditor } from './editor-paint.ts';
import { bandZone, gateAt, handleGate, handlePlaces, plotGeometry, positionAt } from './geometry.ts';
import { gestureAt, handleUnder, nudgeHandle, type BandMode, type GestureContext } from './gestures.ts';
import { elementOfHandle, handleOfElement, placeHandles, sigmaText } from './handle-elements.ts';
import type { GateTool } from '../../state/types.ts';
import { targetLabel, targetOf, type Target } from '../../state/selection-target.ts';

export interface EditorSettings {
  readonly tool: GateTool;
  readonly mode: BandMode;
  readonly axis: 'linear' | 'log';
}

export interface EditorElements {
  readonly canvas: HTMLCanvasElement;
  /** Lies over the canvas and holds the handles. */
  readonly overlay: HTMLElement;
  readonly handles: readonly HTMLElement[];
}

export interface EditorView {
  configure(settings: EditorSettings): void;
  dispose(): void;
}

/** What is under the pointer, for the read-out; null when it is outside or dragging nothing worth saying. */
export interface ReadOut {
  /** `#3`, or `tail 17–128`. */
  readonly which: string;
  readonly gate: number;
  readonly sigma: string | null;
  readonly x: number;
}

/** Collects the moves of one frame into one preview; drawing needs each of them, the rest only the last. */
function framed(session: GestureSession): GestureSession {
  let frame = 0;
  let waiting: GesturePoint[] = [];
  const flush = (): void => {
    if (frame) cancelAnimationFrame(frame);
    frame = 0;
    const points = session.absolute ? waiting : waiting.slice(-1);
    waiting = [];
    for (const point of points) session.move(point);
  };
  return {
    ...(session.absolute === undefined ? {} : { absolute: session.absolute }),
    move(point) {
      waiting.push(point);
      frame ||= requestAnimationFrame(flush);
    },
    commit() {
      flush();
      session.commit();
    },
    cancel() {
      if (frame) cancelAnimationFrame(frame);
      session.cancel();
    },
  };
}

export function createEditorView(
  elements: EditorElements,
  initial: EditorSettings,
  onReadOut: (readOut: ReadOut | null) => void,
): EditorView {
  const { canvas, overlay, handles } = elements;
  let settings = initial;
  let palette: Palette | null = null;
  let places: readonly number[] = [];
  /** What `places` were made for: they start afresh with another slot, band or axis. */
  let placesKey = '';
  let nudging = false;

  const contextNow = (): GestureContext | null => {
    const state = useStudio.getState();
    const target: Target | null = targetOf(state);
    const { width, height } = surface.size;
    if (!target || width === 0) return null;
    const geometry = plotGeometry(width, height, settings.axis, target.primary.slot, state.options.gateMax);
    const key = [
      target.primary.index,
      target.primary.slot.gates,
      target.band?.join(),
      settings.axis,
      width,
      state.session?.id,
    ].join('|');
    if (key !== placesKey) {
      places = handlePlaces(geometry.axis, target.band, geometry.box.width);
      placesKey = key;
    }
    return { target, geometry };
  };

  const surface = createSurface(canvas, (context, size) => {
    const now = contextNow();
    const state = useStudio.getState();
    if (!now) {
      for (const handle of handles) handle.hidden = true;
      return;
    }
    palette ??= readPalette();
    paintEditor(context, state, now.target, now.geometry, palette, size.ratio);
    placeHandles(handles, places, state, now.target, now.geometry, settings.tool === 'shape');
  });

  const gesture = createGesture((start) => {
    // A snapshot held up for comparison is not what is edited.
    if (useStudio.getState().peek) useStudio.getState().peekSnapshot(null);
    endNudge();
    const now = contextNow();
    if (!now) return null;
    const hit = settings.tool === 'shape' ? handleUnder(now, places, start) : -1;
    handles[elementOfHandle(hit, handles.length, places, now.geometry.axis)]?.focus({ preventScroll: true });
    const session = gestureAt(
      now,
      settings.tool,
      settings.mode,
      { places, hit, moved: (next) => (places = next) },
      start,
    );
    onReadOut(null);
    return session && framed(session);
  });

  const onHover = (event: PointerEvent): void => {
    const now = contextNow();
    if (!now) return;
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const { box, axis } = now.geometry;
    const inside =
      x >= box.left && x <= box.left + box.width && y >= box.top - 8 && y <= box.top + box.height + 8;
    overlay.dataset['zone'] = inside ? bandZone(now.geometry, now.target.band, x) : 'off';
    if (!inside) return onReadOut(null);
    const { slot, index } = now.target.primary;
    const gateIndex = handleGate(axis, axis.place(positionAt(now.geometry, x)));
    const { gates, spectra } = useStudio.getState();
    const gate =
      gesture.active && settings.tool !== 'shape'
        ? gateAt(now.geometry, y)
        : (gates.values[slot.offset + gateIndex] ?? 0);
    const range = { start: gateIndex, end: gateIndex + 1 };
    const sigmas = spectra[index]?.singularValues;
    onReadOut({
      which: `${isTail(slot, range) ? 'tail ' : '#'}${subspaceNumbers(slot, range)}`,
      gate,
      sigma: sigmas ? sigmaText(slot, gateIndex, sigmas, '–') : null,
      x,
    });
  };

  /** Keys held down on a handle are one edit, from the first press to the release. */
  const endNudge = (): void => {
    if (!nudging) return;
    nudging = false;
    const target = targetOf(useStudio.getState());
    useStudio.getState().commitGates(`Shape ${target ? targetLabel(target) : ''}`);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const now = contextNow();
    const element = handles.indexOf(event.target as HTMLElement);
    const k = now && element >= 0 ? handleOfElement(element, handles.length, places, now.geometry.axis) : -1;
    if (k < 0 || !now || event.ctrlKey || event.metaKey) return;
    const fine = event.altKey ? 0.001 : event.shiftKey ? 0.1 : 0.01;
    const steps: Readonly<Record<string, number | 'floor' | 'ceiling'>> = {
      ArrowUp: fine,
      ArrowRight: fine,
      ArrowDown: -fine,
      ArrowLeft: -fine,
      PageUp: 0.1,
      PageDown: -0.1,
      Home: 'floor',
      End: 'ceiling',
    };
    const step = steps[event.key];
    if (step !== undefined) {
      nudging = true;
      nudgeHandle(now, places, k, step);
    } else if (event.key === 'Escape' && nudging) {
      nudging = false;
      useStudio.getState().cancelGesture();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const unbind = bindGesture(overlay, gesture, canvas);
  const unwatch = watchTheme(() => {
    palette = null;
    surface.invalidate();
  });
  const unsubscribe = useStudio.subscribe((state, previous) => {
    if (
      state.gates !== previous.gates ||
      state.autoGates !== previous.autoGates ||
      state.spectra !== previous.spectra ||
      state.selection !== previous.selection ||
      state.session !== previous.session ||
      state.options.gateMax !== previous.options.gateMax
    ) {
      surface.invalidate();
    }
  });
  const onLeave = (): void => onReadOut(null);
  overlay.addEventListener('pointermove', onHover);
  overlay.addEventListener('pointerleave', onLeave);
  overlay.addEventListener('keydown', onKeyDown);
  overlay.addEventListener('keyup', endNudge);
  overlay.addEventListener('focusout', endNudge);

  return {
    configure(next) {
      settings = next;
      overlay.dataset['tool'] = next.tool;
      surface.invalidate();
    },
    dispose() {
      unbind();
      unwatch();
      unsubscribe();
      endNudge();
      overlay.removeEventListener('pointermove', onHover);
      overlay.removeEventListener('pointerleave', onLeave);
      overlay.removeEventListener('keydown', onKeyDown);
      overlay.removeEventListener('keyup', endNudge);
      overlay.removeEventListener('focusout', endNudge);
      surface.dispose();
    },
  };
}
