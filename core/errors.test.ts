import { expect, test } from 'vitest';
import { StudioError, toStudioError } from './errors.ts';

test('what a foreign file says at length is told in short, with its beginning, its end and how much is left out', () => {
  const name = 'a'.repeat(20_000_000);
  const { message, details } = new StudioError('bad-file', `The token ${name} has no id. Choose another.`, {
    details: { file: 'tokenizer.json', value: name },
  });
  expect(message).toMatch(/^The token a+… \(\d+ more characters\) …a+ has no id\. Choose another\.$/);
  expect(message.length).toBeLessThan(4000);
  expect(details).toEqual({ file: 'tokenizer.json', value: expect.stringMatching(/^a+… \(19996400 more/) });
  expect(toStudioError(new Error(name)).message.length).toBeLessThan(4000);
  const usual = 'b'.repeat(4000);
  expect(new StudioError('missing', usual, { details: { value: 3 } })).toMatchObject({
    message: usual,
    details: { value: 3 },
  });
});
