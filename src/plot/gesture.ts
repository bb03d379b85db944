/**
 * A pointer gesture as a state machine, free of the DOM: idle → active → idle. One pointer at a time; a
 * second is ignored.
 *
 * While Alt is down the point moves at a tenth of the pointer's speed; pressing or releasing Alt never makes
 * it jump. While Shift is down the point keeps to the axis along which it has gone farther. A gesture ends
 * once, by commit or by cancel.
 */
export interface PointerSample {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly alt: boolean;
  readonly shift: boolean;
}

export interface GesturePoint {
  readonly x: number;
  readonly y: number;
}

/** What a gesture does, made afresh when it begins. */
export interface GestureSession {
  /** True where the point must stay under the pointer (drawing): Alt does not slow it. */
  readonly absolute?: boolean;
  move(point: GesturePoint): void;
  commit(): void;
  cancel(): void;
}

export interface Gesture {
  readonly active: boolean;
  /** False when nothing begins here. */
  down(sample: PointerSample): boolean;
  move(sample: PointerSample): void;
  up(sample: PointerSample): void;
  cancel(): void;
}

const FINE_SPEED = 0.1;
/** Below this distance Shift has no axis to keep to yet. */
const AXIS_AFTER_PX = 3;

export function createGesture(
  enter: (point: GesturePoint, sample: PointerSample) => GestureSession | null,
): Gesture {
  let session: GestureSession | null = null;
  let pointer = -1;
  let start: GesturePoint = { x: 0, y: 0 };
  let last: GesturePoint = start;
  let free: GesturePoint = start;

  const advance = (sample: PointerSample): GesturePoint => {
    const speed = sample.alt && !session?.absolute ? FINE_SPEED : 1;
    free = { x: free.x + speed * (sample.x - last.x), y: free.y + speed * (sample.y - last.y) };
    last = { x: sample.x, y: sample.y };
    if (!sample.shift) return free;
    const dx = Math.abs(free.x - start.x);
    const dy = Math.abs(free.y - start.y);
    if (Math.max(dx, dy) < AXIS_AFTER_PX) return start;
    return dx > dy ? { x: free.x, y: start.y } : { x: start.x, y: free.y };
  };

  return {
    get active() {
      return session !== null;
    },
    down(sample) {
      if (session) return false;
      start = last = free = { x: sample.x, y: sample.y };
      session = enter(start, sample);
      pointer = sample.id;
      return session !== null;
    },
    move(sample) {
      if (session && sample.id === pointer) session.move(advance(sample));
    },
    up(sample) {
      if (!session || sample.id !== pointer) return;
      // A release where the pointer already was adds no move: a click must not become a drag.
      if (sample.x !== last.x || sample.y !== last.y) session.move(advance(sample));
      const ended = session;
      session = null;
      ended.commit();
    },
    cancel() {
      const ended = session;
      session = null;
      ended?.cancel();
    },
  };
}
