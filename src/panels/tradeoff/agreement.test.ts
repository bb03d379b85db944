import { expect, test } from 'vitest';
import { agreementOf } from './agreement.ts';

const row = (step: number, distill: number, inject: number) => ({ step, total: 0, distill, inject, trace: null, composed: null });

test('the divergence is a mean over the last ten reported steps, what is let in that of the last', () => {
  expect(agreementOf({ losses: [] })).toBeNull();
  expect(agreementOf({ losses: [row(1, 0.5, -0.25)] })).toEqual({ divergence: 0.5, before: 0.5, letIn: 0.25, step: 1, over: 1 });
  const losses = Array.from({ length: 30 }, (_, i) => row(i + 1, i < 20 ? 1 : 0.2, -0.4));
  expect(agreementOf({ losses })).toEqual({ divergence: expect.closeTo(0.2, 12), before: 1, letIn: 0.4, step: 30, over: 10 });
});
