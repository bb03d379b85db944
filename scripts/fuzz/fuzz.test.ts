/**
 * The short form of `npm run fuzz`: 20,000 executions over all parsers, the same ones every time. What reads for ever
 * is ended by the guard of all tests; that nothing takes long or much memory is measured by the long form.
 */
import { describe, expect, test } from 'vitest';
import { executeMany, refusedSeeds, type Fault } from './execute.ts';
import { parsers, planExecutions } from './parsers.ts';

const executions = 20_000;
const seed = 1;
const plan = planExecutions(parsers, executions);

test('all parsers together get 20,000 executions, and each has a name of its own', () => {
  expect(plan.size).toBe(parsers.length);
  expect([...plan.values()].reduce((sum, count) => sum + count, 0)).toBe(executions);
});

describe.each(parsers.map((row) => [row.name, plan.get(row.name) ?? 0, row] as const))(
  '%s',
  (_, count, row) => {
    test('reads its sound inputs', async () => {
      expect(await refusedSeeds(row)).toEqual([]);
    });

    test(`refuses or reads ${count} inputs`, async () => {
      let executed = 0;
      const faults: Fault[] = [];
      await executeMany(row, seed, 0, count, {
        before: () => (executed += 1),
        onFault: (fault) => faults.push(fault),
      });
      expect(faults).toEqual([]);
      expect(executed).toBe(count);
    });
  },
);
