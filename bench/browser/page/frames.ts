/**
 * Milliseconds from frame to frame while every frame shows other gates. The browser is started without a
 * limit on its frame rate, so that an interval is what a frame costs, script, style, layout and painting
 * together, and not the screen's pace.
 */
export interface Picture {
  show(frame: number): void;
  /**
   * What tells one drawn frame from another; null where the change is drawn in the next frame without fail;
   * empty while nothing is drawn.
   */
  drawn(): string | null;
  remove(): void;
}

const patienceFrames = 600;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

const settling = 2;

/** The first frames of a picture, which do not count. Returns the number of the next one. */
export async function settle(picture: Picture): Promise<number> {
  for (let i = 0; picture.drawn() === ''; i++) {
    if (i === patienceFrames) throw new Error('Nothing was drawn.');
    await nextFrame();
  }
  // What is mounted shows frame 0 already.
  await frameIntervals(picture, settling, 1);
  return settling + 1;
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
