import { describe, expect, it } from 'vitest';
import { alternate } from './alternate.ts';
import { makeRow, quantile } from './row.ts';
import { lineOf, markdownTable, textTable } from './table.ts';

const timings = { ours: [10, 30, 20, 40], rival: [20, 20, 20, 20] };

describe('a row', () => {
  it('has exactly the fields that its readers expect, medians and their ratio', () => {
    expect(makeRow('thin SVD', '576x1536', 'numpy 2', timings)).toEqual({
      name: 'thin SVD',
      case: '576x1536',
      rival: 'numpy 2',
      oursMs: 25,
      rivalMs: 20,
      ratio: 1.25,
      runs: 4,
      // Ratios 0.5, 1, 1.5, 2: quartiles 0.875 and 1.625.
      spread: 0.38,
    });
  });

  it('names a rival that is not there, without its time', () => {
    const row = makeRow('thin SVD', '8x8', 'numpy (not installed: pip install numpy)', {
      ours: [4, 4, 4],
      rival: null,
    });
    expect(row).toEqual({
      name: 'thin SVD',
      case: '8x8',
      rival: 'numpy (not installed: pip install numpy)',
      oursMs: 4,
      rivalMs: null,
      ratio: null,
      runs: 3,
      spread: 0,
    });
    expect(JSON.parse(JSON.stringify([row]))).toEqual([row]);
  });

  it('is not made of runs that have no partner', () => {
    expect(() => makeRow('x', 'y', 'z', { ours: [1, 2], rival: [1] })).toThrow(/make no pairs/);
    expect(() => makeRow('x', 'y', 'z', { ours: [], rival: null })).toThrow(/make no pairs/);
  });

  it('takes quantiles as numpy does by default', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([3, 1, 2, 10], share))).toEqual([
      1, 1.75, 2.5, 4.75, 10,
    ]);
  });
});

describe('taking turns', () => {
  it('runs both sides alternately, and does not count the warming up', async () => {
    const order: string[] = [];
    let time = 0;
    const side = (name: string) => async () => {
      order.push(name);
      return ++time;
    };
    const results = await alternate(side('A'), [side('B'), null, side('C')], {
      rounds: [2, 2],
      budgetMs: 0,
      warmUp: 1,
    });
    expect(order.join('')).toBe('ABCABCABC');
    expect(results).toEqual([
      { ours: [4, 7], rival: [5, 8] },
      { ours: [4, 7], rival: null },
      { ours: [4, 7], rival: [6, 9] },
    ]);
  });

  it('goes on within the budget, up to the limit', async () => {
    const [timings] = await alternate(async () => 1, [null], { rounds: [1, 5], budgetMs: 60_000, warmUp: 0 });
    expect(timings?.ours).toHaveLength(5);
  });
});

describe('tables', () => {
  const rows = [
    makeRow('thin SVD', '576x1536', 'numpy | 2', timings),
    makeRow('thin SVD', '8x8', 'scipy (not installed)', { ours: [0.25], rival: null }),
  ];

  it('have a line a row', () => {
    expect(textTable(rows).trimEnd().split('\n')).toHaveLength(3);
    expect(markdownTable(rows)).toBe(
      '| what | case | ours | rival | its time | ratio | ± spread | runs |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n' +
        '| thin SVD | 576x1536 | 25.0 ms | numpy \\| 2 | 20.0 ms | 1.25 | 0.38 | 4 |\n| thin SVD | 8x8 | 0.25 ms | scipy (not installed) | – | – | 0 | 1 |\n',
    );
  });

  it('and a line for a single row, with its rival', () => {
    expect(lineOf(rows[0] as (typeof rows)[0])).toBe(
      'thin SVD, 576x1536: 25.0 ms against 20.0 ms of numpy | 2: 1.25 ± 0.38 (4 runs)',
    );
    expect(lineOf(rows[1] as (typeof rows)[0])).toBe('thin SVD, 8x8: 0.25 ms; scipy (not installed)');
  });
});
