/**
 * A canvas that is always as sharp as its screen and is painted at most once a frame. Sizes are CSS pixels;
 * `paint` gets a context already scaled. Repaints on resize, on a change of the screen's pixel ratio and when
 * asked; not while the page is hidden.
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
  let frame = 0;

  const draw = (): void => {
    frame = 0;
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const deviceWidth = Math.round(width * ratio);
    const deviceHeight = Math.round(height * ratio);
    if (deviceWidth === 0 || deviceHeight === 0) return;
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
    frame ||= requestAnimationFrame(draw);
  };

  const resized = new ResizeObserver(invalidate);
  resized.observe(canvas);
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
      ratioQuery?.removeEventListener('change', watchRatio);
    },
  };
}

/** A coordinate moved to the nearest edge of device pixels, so that fills have no blurred borders. */
export function snap(value: number, ratio: number): number {
  return Math.round(value * ratio) / ratio;
}
