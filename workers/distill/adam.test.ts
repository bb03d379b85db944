import { expect, test } from 'vitest';
import reference from '../../zoo/reference/distill/adam.json';
import { Adam } from './adam.ts';

test('follows torch.optim.Adam', () => {
  const parameters = Float64Array.from(reference.start);
  const adam = new Adam(parameters.length, reference.rate);
  const free = new Uint8Array(parameters.length);
  reference.gradients.forEach((gradient, step) => {
    adam.step(parameters, Float64Array.from(gradient), free);
    const expected = reference.trajectory[step] ?? [];
    parameters.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-13));
  });
});

test('a frozen parameter neither moves nor remembers', () => {
  const thawed = Float64Array.of(1, 1);
  const adam = new Adam(2, 0.1);
  adam.step(thawed, Float64Array.of(5, 5), Uint8Array.of(1, 0));
  expect(thawed[0]).toBe(1);
  adam.step(thawed, Float64Array.of(0, 0), Uint8Array.of(0, 0));
  expect(thawed[0]).toBe(1);
});

test('a parameter that was frozen or forgotten goes on as torch would have it go on: by its own count of steps', () => {
  const late = Float64Array.of(0, 0);
  const adam = new Adam(2, 0.1);
  for (let step = 0; step < 500; step++) adam.step(late, Float64Array.of(1, 1), Uint8Array.of(1, 0));
  adam.forget(1);
  const before = late[1] as number;
  const fresh = Float64Array.of(0);
  const other = new Adam(1, 0.1);
  for (const gradient of [3, -1, 2, 0.5]) {
    adam.step(late, Float64Array.of(gradient, gradient), Uint8Array.of(0, 0));
    other.step(fresh, Float64Array.of(gradient), Uint8Array.of(0));
    expect(late[0]).toBe(fresh[0]);
    expect((late[1] as number) - before).toBeCloseTo(fresh[0] as number, 12);
  }
});
