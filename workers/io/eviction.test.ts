import { describe, expect, it } from 'vitest';
import { CacheRoom, chooseVictims, type CacheEntry } from './eviction.ts';

const entry = (name: string, sizeBytes: number, usedMs: number, current = true): CacheEntry => ({ name, sizeBytes, usedMs, current });
const entries = [entry('new', 10, 30), entry('old', 10, 10), entry('outdated', 10, 99, false), entry('middle', 10, 20)];
const names = (excess: number, keep: readonly string[] = []) => chooseVictims(entries, excess, new Set(keep))?.map(({ name }) => name) ?? null;

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
  it('counts what was set aside, and what could not be removed', async () => {
    const room = new CacheRoom(entries, 50);
    const removed: string[] = [];
    const remove = async ({ name }: CacheEntry): Promise<boolean> => (name === 'outdated' ? false : removed.push(name) > 0);
    expect(await room.reserve('x', 10, new Set(), remove)).toBe(true);
    expect(removed).toEqual([]);
    // The outdated entry cannot be removed, so there is still no room.
    expect(await room.reserve('x', 10, new Set(), remove)).toBe(false);
    expect(await room.reserve('y', 20, new Set(), remove)).toBe(false);
    expect(removed).toEqual(['old']);
    expect(await room.reserve('x', 10, new Set(), remove)).toBe(true);
  });
});
