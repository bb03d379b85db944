import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { compareIndex, parseShardIndex } from './shard-index.ts';
import { good, parse, refusal, survives } from './testing/crafted-files.ts';

describe('a shard index', () => {
  const index = (map: unknown): string => JSON.stringify({ metadata: { total_size: 22 }, weight_map: map });
  const name = 'model.safetensors.index.json';

  it('is read, and each shard compared with it', () => {
    const parsed = parseShardIndex(
      index({
        a: 'model-00001-of-00002.safetensors',
        b: 'model-00001-of-00002.safetensors',
        c: 'x.safetensors',
      }),
      name,
    );
    expect([...parsed.shards.keys()]).toEqual(['model-00001-of-00002.safetensors', 'x.safetensors']);
    const headers = new Map([['model-00001-of-00002.safetensors', parse(good)]]);
    expect(compareIndex(parsed, headers)).toEqual({ unlisted: [], stale: ['c'], moved: [] });
    const other = parseShardIndex(index({ a: 'x.safetensors', b: 'y.safetensors' }), name);
    expect(compareIndex(other, new Map([['x.safetensors', parse(good)]]))).toEqual({
      unlisted: [],
      stale: [],
      moved: ['b'],
    });
    const fewer = parseShardIndex('{"metadata":{"x":NaN},"weight_map":{"a":"x.safetensors"}}', name);
    expect(compareIndex(fewer, new Map([['x.safetensors', parse(good)]]))).toEqual({
      unlisted: ['b'],
      stale: [],
      moved: [],
    });
  });

  it.each([
    ['../secret.safetensors'],
    ['/etc/x.safetensors'],
    ['a/b.safetensors'],
    ['a\\b.safetensors'],
    ['..safetensors'],
    ['.safetensors'],
    ['model.safetensors.index.json'],
    ['https://x/y.safetensors'],
    ['a%2e%2e.safetensors'],
    ['a.safetensors\n'],
    [''],
    [3],
    [null],
    [{ a: 1 }],
  ])('refuses the shard %j', (shard) => {
    expect(() => parseShardIndex(index({ a: shard }), name)).toThrow(StudioError);
  });

  it('refuses other shapes, twice-given tensors and random text', () => {
    expect(() => parseShardIndex('{}', name)).toThrow(/no weight_map/);
    expect(() => parseShardIndex(index({}), name)).toThrow(/no weight_map/);
    const many = (count: number, shard: (i: number) => string) =>
      index(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, shard(i)])));
    const tensorsOf = (count: number) => many(count, () => 'x.safetensors');
    const { message, values } = refusal(() => parseShardIndex(tensorsOf(400_000), name));
    expect(message).toMatch(/more than 300000 tensors/);
    // The index itself, its metadata with one entry, its weight_map, and the entries of that.
    expect(values).toBe(4 + 300_000);
    expect(() =>
      parseShardIndex(
        many(2001, (i) => `x${i}.safetensors`),
        name,
      ),
    ).toThrow(/more than 2000 shards/);
    expect(() => parseShardIndex('{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}', name)).toThrow(
      /given twice/,
    );
    fc.assert(fc.property(fc.string(), (text) => survives(() => parseShardIndex(text, name))));
    fc.assert(fc.property(fc.jsonValue(), (value) => survives(() => parseShardIndex(index(value), name))));
  });
});
