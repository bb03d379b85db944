/** Undo and redo around runs: nothing that was trained is lost on the way there and back. */
import { describe, expect, test } from 'vitest';
import { all, at, gate, opened } from '../../test/opened-store.ts';
import { applyEdit, type GateField } from '../../core/gates/field.ts';
import { travelled } from './history.ts';
import type { HistoryEntry } from './records.ts';

/** A run of three steps on the fake engine, which moves every gate that is not locked. */
async function trained({ now }: Awaited<ReturnType<typeof opened>>): Promise<GateField> {
  now().setOptions({ steps: 3 });
  const before = now().gates.values;
  await now().play();
  await expect.poll(() => now().run.state).toMatch(/finished/);
  expect(now().gates.values).not.toEqual(before);
  return now().gates;
}

describe('undo and then redo after a run', () => {
  test('of an edit without locks: the trained values are back', async () => {
    const studio = await opened();
    const { now, engine } = studio;
    now().editGates('Set', at(3, 4), all(2, 0.9), null);
    const { values } = await trained(studio);
    now().undo();
    // An undo is of the edit, whatever came after it.
    expect(now().gates.values[3]).toBe(0.5);
    now().redo();
    expect(now().gates.values).toEqual(values);
    await expect.poll(async () => (await engine.gates()).values).toEqual(values);
  });

  test('of locks taken away: the values stay as they were trained, both ways', async () => {
    const studio = await opened();
    const { now, engine } = studio;
    now().editGates('Set', at(3, 4), all(2, 0.9), true);
    now().editGates('Free', at(3, 4), null, false);
    const { values } = await trained(studio);
    expect(values[3]).not.toBe(gate(0.9));
    now().undo();
    expect([now().gates.locks[3], now().gates.values]).toEqual([1, values]);
    now().redo();
    expect([now().gates.locks[3], now().gates.values]).toEqual([0, values]);
    now().undo();
    now().undo();
    expect([now().gates.locks[3], now().gates.values[3]]).toEqual([0, 0.5]);
    now().redo();
    now().redo();
    expect(now().gates).toEqual({ values, locks: new Uint8Array(values.length) });
    await expect.poll(async () => (await engine.gates()).values).toEqual(values);
  });

  test('of what was undone before the run: undo takes back what redo did, to the trained values', async () => {
    const studio = await opened();
    const { now } = studio;
    now().editGates('Set', at(3), all(1, 0.9), true);
    now().undo();
    const { values } = await trained(studio);
    now().redo();
    expect(now().gates.values[3]).toBe(gate(0.9));
    now().undo();
    expect(now().gates.values).toEqual(values);
  });
});

test('any walk over the history and back leads to where it began, whatever was trained between', () => {
  const field: GateField = { values: Float32Array.of(0.5, 0.5, 0.5), locks: Uint8Array.of(0, 0, 0) };
  const entries: HistoryEntry[] = [
    {
      label: 'value and lock',
      indices: at(0, 1),
      before: { values: Float32Array.of(0.5, 0.5), locks: Uint8Array.of(0, 0) },
      after: { values: Float32Array.of(0.1, 0.5), locks: Uint8Array.of(1, 1) },
    },
    {
      label: 'value',
      indices: at(1, 2),
      before: { values: Float32Array.of(0.5, 0.5), locks: Uint8Array.of(1, 0) },
      after: { values: Float32Array.of(0.2, 0.7), locks: Uint8Array.of(1, 0) },
    },
  ];
  let now = field;
  for (const { indices, after } of entries) now = applyEdit(now, { indices, ...after }, 1);
  now = { ...now, values: Float32Array.of(0.11, 0.22, 0.33) };
  const begin = now;
  const undone: HistoryEntry[] = [];
  for (const entry of entries.toReversed()) {
    const way = travelled(entry, now, 'before');
    now = applyEdit(now, way.edit, 1);
    undone.unshift(way.entry);
  }
  for (const entry of undone) now = applyEdit(now, travelled(entry, now, 'after').edit, 1);
  expect(now).toEqual(begin);
});
