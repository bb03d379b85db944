/**
 * Milliseconds from frame to frame while every frame shows other gates. The browser is started without a limit on its frame rate, so
 * that an interval is what a frame costs, script, style, layout and painting together, and not the screen's pace.
 */
export interface Picture {
  show(frame: number): void;
  /** What tells one drawn frame from another; null where the change is drawn in the next frame without fail; empty while nothing is drawn. */
  drawn(): string | null;
  remove(): void;
}

const patienceFrames = 600;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** The first frames of a picture, which do not count. */
export async function settle(picture: Picture): Promise<void> {
  for (let i = 0; picture.drawn() === ''; i++) {
    if (i === patienceFrames) throw new Error('Nothing was drawn.');
    await nextFrame();
  }
  for (let frame = 0; frame < 2; frame++) {
    picture.show(frame);
    await nextFrame();
  }
}

export async function frameIntervals(picture: Picture, count: number, firstFrame: number): Promise<number[]> {
  const intervals: number[] = [];
  let before = await nextFrame();
  for (let i = 0; i < count; i++) {
    const old = picture.drawn();
    picture.show(firstFrame + i);
    let now = await nextFrame();
    for (let waited = 0; old !== null && picture.drawn() === old; waited++) {
      if (waited === patienceFrames) throw new Error('A change of the gates was never drawn.');
      now = await nextFrame();
    }
    intervals.push(now - before);
    before = now;
  }
  return intervals;
}
