import { expect, test } from 'vitest';
import { joinMetadata, withFormat } from './metadata.ts';

test('what files agree on and what one of them says is kept; what they disagree on is left out and named', () => {
  expect(
    joinMetadata([{ format: 'pt', part: '1', note: 'a' }, { format: 'pt', part: '2' }, {}, { more: 'b' }]),
  ).toEqual({ metadata: { format: 'pt', note: 'a', more: 'b' }, differing: ['part'] });
  expect(joinMetadata([])).toEqual({ metadata: {}, differing: [] });
  const odd = Object.fromEntries([['__proto__', 'x']]);
  expect(Object.entries(joinMetadata([odd, odd]).metadata)).toEqual([['__proto__', 'x']]);
});

test('a format that transformers knows stays; none, or another one, becomes pt', () => {
  expect(withFormat({ format: 'mlx', a: 'b' })).toEqual({ format: 'mlx', a: 'b' });
  expect(withFormat({})).toEqual({ format: 'pt' });
  expect(withFormat({ format: 'np', a: 'b' })).toEqual({ format: 'pt', a: 'b' });
});
