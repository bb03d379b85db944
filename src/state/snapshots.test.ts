/** What is kept of a run and of hands, what is said of it, and how what was deleted comes back. */
import { describe, expect, test } from 'vitest';
import { all, at, opened } from '../../test/opened-store.ts';
import { announcement } from './announcement.ts';
import { snapshotOrigin } from './run-words.ts';

const logged = (state: { readonly log: readonly { readonly text: string }[] }): string[] =>
  state.log.map(({ text }) => text);

describe('runs', () => {
  test('are counted, and a second one that goes on from the present gates says so and offers a fresh start', async () => {
    const { now } = await opened({ stepMs: 0 });
    now().setOptions({ steps: 2, alpha: 0.7, seed: 5 });
    await now().play();
    expect(now().run).toMatchObject({ number: 1, start: 'half-open', state: 'finished' });
    expect(now().toasts).toEqual([]);
    await now().play();
    expect(now().run).toMatchObject({ number: 2, start: 'present' });
    expect(now().toasts).toMatchObject([
      {
        text: 'Run 2 goes on from the gates as they are, with λ 1.2, α 0.7, 2 steps and seed 5.',
        way: 'startAfresh',
      },
    ]);
    await now().startAfresh();
    expect(now().run).toMatchObject({ number: 3, start: 'half-open', state: 'finished' });
    expect(logged(now())).toEqual(
      expect.arrayContaining([
        'Run 1 starts from half-open gates, with λ 1.2, α 0.7, 2 steps and seed 5.',
        'Run 1 has finished after 2 steps.',
        'Run 3 starts from half-open gates, with λ 1.2, α 0.7, 2 steps and seed 5.',
      ]),
    );
    expect(now().snapshots.map(snapshotOrigin)).toEqual([
      'step 2 of run 1, λ 1.2, α 0.7, seed 5, from half-open gates',
      // The third run, which is the first one again, has the gates that are kept already.
      'step 2 of run 2, λ 1.2, α 0.7, seed 5, from the gates before it',
    ]);
  });

  test.each([
    ['every gate is locked', 'unlockAll', /^Every gate is locked/],
    ['λ is 0', null, /merge strength λ is 0/],
  ])('that could change nothing are refused before they begin: %s', async (what, way, sentence) => {
    const { now } = await opened();
    const size = now().gates.values.length;
    if (way)
      now().editGates(
        'Lock all',
        Uint32Array.from({ length: size }, (_, i) => i),
        null,
        true,
      );
    else now().setOptions({ lambda: 0 });
    await now().play();
    await now().step(1);
    expect([what, now().run]).toMatchObject([what, { state: 'idle', number: 0 }]);
    expect(now().toasts).toMatchObject([{ text: expect.stringMatching(sentence), way }]);
    if (way) now().undo();
    else now().setOptions({ lambda: 1 });
    void now().step(1);
    await expect.poll(() => now().run).toMatchObject({ state: 'paused', number: 1, step: 1 });
    await now().stop();
  });

  test('name their measurements in the log, each once', async () => {
    const { now } = await opened({ stepMs: 0 });
    now().setOptions({ steps: 2 });
    await now().play();
    await expect.poll(() => now().measurements.length).toBe(3);
    const measured = logged(now()).filter((text) => text.startsWith('Measured: '));
    expect(measured).toHaveLength(2);
    expect(measured[0]).toMatch(
      /^Measured: VLM, unmerged: perception \d+\.\d % of 540, reasoning \d+\.\d % of 420\.$/,
    );
    expect(measured[1]).toMatch(/^Measured: Merged, as set at step 2: perception /);
  });
});

describe('snapshots', () => {
  test('of the same gates, locks and λ are kept once; another lock, λ or gate is another', async () => {
    const { now } = await opened();
    now().takeSnapshot('A');
    now().takeSnapshot('B');
    expect(now().snapshots.map(({ label }) => label)).toEqual(['A']);
    expect(logged(now()).at(-1)).toBe('These gates are kept already, as “A”.');
    // The same values as another object.
    now().editGates('Open', at(0), all(1, 1), null);
    now().undo();
    now().takeSnapshot('B');
    expect(now().snapshots).toHaveLength(1);
    now().editGates('Lock', at(0), null, true);
    now().takeSnapshot('locked');
    now().setOptions({ lambda: 0.5 });
    now().takeSnapshot('weaker');
    now().editGates('Close', at(1), all(1, 0), null);
    now().takeSnapshot('closed');
    expect(now().snapshots.map(({ label }) => label)).toEqual(['A', 'locked', 'weaker', 'closed']);
    expect(now().snapshots.map(snapshotOrigin).at(-1)).toBe('set by hand, λ 0.5');
  });

  test('that were deleted come back one by one, to their places and with their scores', async () => {
    const { now } = await opened();
    for (const value of [0.1, 0.2, 0.3]) {
      now().editGates('Set', at(0), all(1, value), true);
      now().takeSnapshot(`at ${value}`);
    }
    const before = now().snapshots;
    await now().evaluateSnapshot(before[1]?.id ?? '');
    const measured = now().snapshots;
    expect(measured[1]?.evaluation).not.toBeNull();
    const points = now().measurements;
    for (const { id } of [measured[1], measured[0]].flatMap((kept) => kept ?? [])) now().deleteSnapshot(id);
    expect(now().snapshots.map(({ label }) => label)).toEqual(['at 0.3']);
    expect(now().measurements.some(({ id }) => id === measured[1]?.id)).toBe(false);
    now().restoreDeleted();
    now().restoreDeleted();
    expect(now().snapshots).toEqual(measured);
    expect(now().measurements).toEqual(points);
    now().restoreDeleted();
    expect(now().toasts.at(-1)?.text).toBe('No snapshot was deleted.');
  });
});

test('what happens is announced: edits, undo and redo by name, runs, and what the log says without a notice', async () => {
  const { store, now } = await opened({ stepMs: 0 });
  const said: string[] = [];
  store.subscribe((state, before) => {
    const sentence = announcement(state, before);
    if (sentence !== null) said.push(sentence);
  });
  now().editGates('Lock layer 0', at(0), null, true);
  now().undo();
  now().redo();
  expect(said).toEqual(['Lock layer 0.', 'Undone: Lock layer 0.', 'Done again: Lock layer 0.']);
  said.length = 0;
  void now().step(1);
  await expect.poll(() => now().run.state).toBe('paused');
  await now().stop();
  expect(said).toEqual([
    expect.stringMatching(/^Run 1 starts from half-open gates/),
    `The run waits at step 1 of ${now().run.steps}.`,
    'Run 1 was stopped at step 1.',
  ]);
  said.length = 0;
  now().notify('warning', 'A notice speaks for itself.');
  now().notify('info', 'So does one with a way out.', 'startAfresh');
  expect(said).toEqual([]);
});
