import { describe, expect, it } from 'vitest';
import { createGesture, type GesturePoint, type PointerSample } from './gesture.ts';

const sample = (x: number, y: number, more: Partial<PointerSample> = {}): PointerSample => ({
  id: 1,
  x,
  y,
  alt: false,
  shift: false,
  ...more,
});

function recorded(absolute = false) {
  const log: string[] = [];
  const points: GesturePoint[] = [];
  const gesture = createGesture((start) => {
    if (start.x < 0) return null;
    log.push('enter');
    return {
      absolute,
      move: (point) => points.push(point),
      commit: () => log.push('commit'),
      cancel: () => log.push('cancel'),
    };
  });
  return { gesture, log, points };
}

describe('gesture', () => {
  it('enters, moves and commits once', () => {
    const { gesture, log, points } = recorded();
    expect(gesture.down(sample(10, 10))).toBe(true);
    gesture.move(sample(12, 15));
    gesture.up(sample(13, 16));
    gesture.up(sample(13, 16));
    gesture.cancel();
    expect(log).toEqual(['enter', 'commit']);
    expect(points).toEqual([
      { x: 12, y: 15 },
      { x: 13, y: 16 },
    ]);
    expect(gesture.active).toBe(false);
  });

  it('cancels, and ignores what comes after', () => {
    const { gesture, log, points } = recorded();
    gesture.down(sample(0, 0));
    gesture.cancel();
    gesture.move(sample(5, 5));
    gesture.up(sample(5, 5));
    expect(log).toEqual(['enter', 'cancel']);
    expect(points).toEqual([]);
  });

  it('ignores a second pointer and a start that nothing takes', () => {
    const { gesture, log, points } = recorded();
    expect(gesture.down(sample(-1, 0))).toBe(false);
    gesture.down(sample(0, 0));
    expect(gesture.down(sample(9, 9, { id: 2 }))).toBe(false);
    gesture.move(sample(9, 9, { id: 2 }));
    gesture.up(sample(9, 9, { id: 2 }));
    expect(points).toEqual([]);
    expect(log).toEqual(['enter']);
    expect(gesture.active).toBe(true);
  });

  it('a click makes no move', () => {
    const { gesture, points } = recorded();
    gesture.down(sample(4, 4));
    gesture.up(sample(4, 4));
    expect(points).toEqual([]);
  });

  it('Alt slows to a tenth without a jump when pressed or released', () => {
    const { gesture, points } = recorded();
    gesture.down(sample(0, 0));
    gesture.move(sample(10, 0));
    gesture.move(sample(20, 0, { alt: true }));
    gesture.move(sample(30, 0));
    expect(points.map(({ x }) => x)).toEqual([10, 11, 21]);
  });

  it('Alt does not slow an absolute gesture', () => {
    const { gesture, points } = recorded(true);
    gesture.down(sample(0, 0));
    gesture.move(sample(20, 7, { alt: true }));
    expect(points).toEqual([{ x: 20, y: 7 }]);
  });

  it('Shift keeps to the axis gone farther along, and lets go when released', () => {
    const { gesture, points } = recorded();
    gesture.down(sample(0, 0));
    gesture.move(sample(1, 1, { shift: true }));
    gesture.move(sample(3, 20, { shift: true }));
    gesture.move(sample(30, 20, { shift: true }));
    gesture.move(sample(30, 21));
    expect(points).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 20 },
      { x: 30, y: 0 },
      { x: 30, y: 21 },
    ]);
  });
});
