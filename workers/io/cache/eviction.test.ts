import { describe, expect, it } from 'vitest';
import { CacheRoom, chooseVictims } from './eviction.ts';

const removed: string[] = [];
const entry = (name: string, sizeBytes: number, usedMs: number, current = true) => ({
  name,
  sizeBytes,
  usedMs,
  current,
  remove: async () => void removed.push(name),
});
const entries = [
  entry('new', 10, 30),
  entry('old', 10, 10),
  entry('outdated', 10, 99, false),
  entry('middle', 10, 20),
];
const names = (excess: number, keep: readonly string[] = []) =>
  chooseVictims(entries, excess, new Set(keep))?.map(({ name }) => name) ?? null;

describe('what goes when room is needed', () => {
  it('is nothing when none is', () => expect(names(0)).toEqual([]));
  it('is an entry of another version first, then what was used longest ago', () => {
    expect(names(1)).toEqual(['outdated']);
    expect(names(11)).toEqual(['outdated', 'old']);
    expect(names(40)).toEqual(['outdated', 'old', 'middle', 'new']);
  });
  it('is never what is to be kept', () => expect(names(20, ['old'])).toEqual(['outdated', 'middle']));
  it('is nothing where even all of it is too little', () => expect(names(31, ['old'])).toBeNull());
});

describe('room', () => {
  it('counts what was set aside, and an entry once', async () => {
    const room = new CacheRoom(entries, 50);
    const nothing = new Set<string>();
    expect(await room.reserve('x', 10, nothing)).toBe(true);
    expect(removed).toEqual([]);
    expect(await room.reserve('old', 10, nothing)).toBe(true);
    expect(removed).toEqual([]);
    expect(await room.reserve('y', 15, new Set(['old']))).toBe(true);
    expect(removed).toEqual(['outdated', 'middle']);
    // 10 + 10 + 10 + 15 of 50 are taken: x and y cannot go, and both others would have to.
    expect(await room.reserve('z', 26, nothing)).toBe(false);
    expect(removed).toEqual(['outdated', 'middle']);
    expect(await room.reserve('z', 25, nothing)).toBe(true);
    expect(removed).toEqual(['outdated', 'middle', 'old', 'new']);
  });
});
