import { describe, expect, it } from 'vitest';
import { fakeSession } from '../../client/fake-session.ts';
import { budgetChoices, budgetFacts, parseBudget } from './budget-choices.ts';

const session = fakeSession('s', 'Fake trio');

describe('budget choices', () => {
  it('say gates and memory of each, all first; what leaves no tail is not offered', () => {
    const choices = budgetChoices(session);
    expect(choices.map(({ budget }) => budget)).toEqual([null, 16, 32, 64]);
    expect(choices.map(({ gates }) => gates)).toEqual([28 * 128, 28 * 17, 28 * 33, 28 * 65]);
    // Four layers of four 128 × 128 and three 128 × 352 matrices, float32.
    expect(choices[0]).toMatchObject({ bytes: 4 * 4 * 128 * (4 * 257 + 3 * 481), share: 0, tails: 0 });
    expect(choices[1]).toMatchObject({
      bytes: 4 * 4 * (4 * (16 * 257 + 128 * 128) + 3 * (16 * 481 + 128 * 352)),
      tails: 28,
    });
    for (const { share } of choices.slice(1)) expect(share).toBeLessThan(0);
  });

  it('a number from the rank on is all', () => {
    expect(budgetFacts(session, 127)).toEqual(budgetFacts(session, null));
    expect(budgetFacts(session, 126)).toMatchObject({ budget: 126, tails: 28 });
  });

  it('reads whole numbers from 1 and nothing else', () => {
    expect(['16', ' 7 ', '1'].map(parseBudget)).toEqual([16, 7, 1]);
    for (const text of ['', '0', '-3', '1.5', '1e3', 'all', '9999999']) expect(parseBudget(text)).toBeNull();
  });
});
