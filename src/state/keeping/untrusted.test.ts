/** A stored session that somebody changed, or that has changed by itself: nothing of it reaches the page. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keptPage as page } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import { encodeRecipe } from '../../../core/recipe/encode.ts';
import { recipe } from '../../../core/recipe/testing/recipe.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

/** Sets what a path leads to; `undefined` removes it. */
function put(tree: unknown, [key = '', ...rest]: readonly string[], value: unknown): void {
  const object = tree as Record<string, unknown>;
  if (rest.length > 0) return put(object[key], rest, value);
  if (value === undefined) Reflect.deleteProperty(object, key);
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

describe('what lies in the browser is not trusted', () => {
  const odd: readonly (readonly [
    string,
    (change: (path: string, value: unknown) => void, values: Map<number, object>) => unknown,
    RegExp,
  ])[] = [
    ['a part that there is not', (put) => put('other', {}), /part “other”/],
    ['a key that there is not', (put) => put('gates.more', 1), /gates/],
    ['no models', (put) => put('models', undefined), /of which models/],
    ['an option out of its range', (put) => put('run.options.learningRate', -1), /run\.options/],
    ['an option that is none', (put) => put('run.options.evil', 1), /run\.options/],
    ['a gate above every maximum', (_, values) => fillFloats(values, 5000), /gate does not lie/],
    ['a gate that is no number', (_, values) => fillFloats(values, NaN), /gate does not lie/],
    [
      'more correct answers than there are',
      (put) => put('records.measurements.0.evaluation.reasoning.correct', 1e8),
      /records/,
    ],
    ['a value that is missing', (_, values) => values.clear(), /lacks the value/],
    [
      'a value of another kind',
      (_, values) => values.set(floatsAt(values), new Uint8Array(3)),
      /models|gates/,
    ],
    [
      'figures of more items than were asked',
      (put) => put('figures.figures.scores.0.metrics.0.correct', 1e8),
      /figures/,
    ],
    ['a key of figures that there is not', (put) => put('figures.figures.more', 1), /figures/],
    [
      'a format of no export',
      (put) => put('exporting.format', { kind: 'adapter', maxRank: -1 }),
      /exporting/,
    ],
    ['a line of the log that is none', (put) => put('log.lines.0.level', 'evil'), /log/],
    ['a budget of none', (put) => put('models.budget', 0), /models\.budget/],
    ['a prototype for a key', (put) => put('view.__proto__', {}), /view/],
    ['a selection outside the models', (put) => put('view.slots', [999]), /selected that is not there/],
    [
      'a recipe of a basis that the page does not show',
      (put) => put('recipe.applied', encodeRecipe({ ...recipe, basis: { id: 'random', seed: 3 } })),
      /recipe in the session is damaged, or of a basis/,
    ],
    ['a recipe that is none', (put) => put('recipe.applied', '{"format":"frism-recipe"}'), /recipe/],
  ];
  const floatsAt = (values: Map<number, object>): number =>
    [...values].find(([, value]) => value instanceof Float32Array)?.[0] ?? -1;
  const fillFloats = (values: Map<number, object>, by: number): void => {
    for (const value of values.values()) if (value instanceof Float32Array) value.fill(by);
  };

  test.each(odd)('%s', async (_name, change, said) => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.now().evaluateCurrent();
    await first.save();
    const [session] = [...shelves.sessions.values()];
    const values = shelves.values.get(session?.id ?? '') ?? new Map<number, object>();
    change((path, value) => put(session?.parts, path.split('.'), value), values);
    const { now } = await page(shelves);
    // The page stands, with the demo or with what it waits for, and says what is wrong.
    expect(now().session?.label).toBe('Fake trio');
    expect(now().undoStack).toEqual([]);
    expect(
      `${now()
        .toasts.map(({ text }) => text)
        .join()} ${now().keeping.waiting?.why}`,
    ).toMatch(said);
    expect(shelves.sessions.size).toBe(1);
  });

  test('a session of a newer studio is left alone', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.save();
    const [session] = [...shelves.sessions.values()];
    if (session) shelves.sessions.set(session.id, { ...session, version: 99 });
    const { now } = await page(shelves);
    expect(now().toasts.at(-1)?.text).toMatch(/newer studio/);
    expect(shelves.sessions.size).toBe(1);
  });
});
