/**
 * A canvas that is always as sharp as its screen and is painted at most once a frame. Sizes are CSS pixels;
 * `paint` gets a context already scaled. Repaints on resize, on a change of the screen's pixel ratio and when
 * asked; neither while the page is hidden nor while the canvas is off the screen, which is caught up with when it
 * comes into view. Never asks for a layout: its size is what the browser reports.
 */
export interface SurfaceSize {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

export interface Surface {
  /** Asks for a repaint in the next frame; cheap, call it as often as you like. */
  invalidate(): void;
  readonly size: SurfaceSize;
  dispose(): void;
}

/** The canvas must get its size from CSS (not from its own attributes), or it would grow with itself. */
export function createSurface(
  canvas: HTMLCanvasElement,
  paint: (context: CanvasRenderingContext2D, size: SurfaceSize) => void,
): Surface {
  let size: SurfaceSize = { width: 0, height: 0, ratio: 1 };
  let box = { width: 0, height: 0 };
  let visible = false;
  let frame = 0;
  /** Something has changed since it was painted last. */
  let due = true;

  const draw = (): void => {
    frame = 0;
    const { width, height } = box;
    const ratio = window.devicePixelRatio || 1;
    const deviceWidth = Math.round(width * ratio);
    const deviceHeight = Math.round(height * ratio);
    if (!visible || deviceWidth === 0 || deviceHeight === 0) return;
    due = false;
    // Assigning a size clears the canvas and drops its backing store: only when it changed.
    if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
    if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    size = { width, height, ratio };
    const context = canvas.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paint(context, size);
  };
  const invalidate = (): void => {
    due = true;
    if (visible) frame ||= requestAnimationFrame(draw);
  };

  const resized = new ResizeObserver(([entry]) => {
    if (entry) box = entry.contentRect;
    invalidate();
  });
  resized.observe(canvas);
  const seen = new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? false;
    if (visible && due) invalidate();
  });
  seen.observe(canvas);
  let ratioQuery: MediaQueryList | null = null;
  const watchRatio = (): void => {
    ratioQuery?.removeEventListener('change', watchRatio);
    ratioQuery = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    ratioQuery.addEventListener('change', watchRatio);
    invalidate();
  };
  watchRatio();

  return {
    invalidate,
    get size() {
      return size;
    },
    dispose() {
      if (frame) cancelAnimationFrame(frame);
      resized.disconnect();
      seen.disconnect();
      ratioQuery?.removeEventListener('change', watchRatio);
    },
  };
}

/** A coordinate moved to the nearest edge of device pixels, so that fills have no blurred borders. */
export function snap(value: number, ratio: number): number {
  return Math.round(value * ratio) / ratio;
}
