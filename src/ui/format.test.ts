import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber, formatRate } from './format.ts';

test('durations', () => {
  expect([0, 840, 4200, 42_400, 59_600, 185_000, 4_320_000].map(formatDuration)).toEqual([
    '0 ms',
    '840 ms',
    '4.2 s',
    '42 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 12 min',
  ]);
});

test('bytes and counts', () => {
  expect([812, 3_400_000, 999_600, 152_000_000].map(formatBytes)).toEqual([
    '812 B',
    '3.4 MB',
    '1.0 MB',
    '152 MB',
  ]);
  expect([95, 820_000, 1_133_000, 7_600_000_000].map(formatCount)).toEqual(['95', '820 k', '1.1 M', '7.6 B']);
});

test('rates and settings', () => {
  expect(formatRate(0.972)).toBe('97.2 %');
  expect([0.1, 1.25, 0.0003, 0.1 + 0.2, 0].map(formatNumber)).toEqual(['0.1', '1.25', '3e-4', '0.3', '0']);
});
