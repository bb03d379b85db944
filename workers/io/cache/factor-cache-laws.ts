/**
 * What every cache of factors promises, as checks that their tests share. They throw where a promise is
 * broken.
 */
import type { FactorCache } from '../contract.ts';

export async function checkFactorCacheLaws(cache: FactorCache): Promise<void> {
  const check = (holds: boolean, otherwise: string): void => {
    if (!holds) throw new Error(otherwise);
  };
  const same = (found: Uint8Array | undefined, expected: Uint8Array): boolean =>
    found?.length === expected.length && found.every((byte, i) => byte === expected[i]);
  const expectEntry = async (key: string, expected: Uint8Array): Promise<void> => {
    const found = await cache.get(key);
    check(
      same(found ?? undefined, expected),
      `Under ${key.slice(0, 40)} there ${found === null ? 'is nothing' : `are other bytes, ${found.length} of them`}.`,
    );
    const head = await cache.head(key, 10);
    check(
      head?.sizeBytes === expected.length && same(head.bytes, expected.slice(0, 10)),
      `The head of ${key.slice(0, 40)} is not the entry's.`,
    );
  };

  check(
    (await cache.get('missing')) === null && (await cache.head('missing', 10)) === null,
    'Something is there that was never put.',
  );
  for (const key of ['sha256-abc', '../up/../and away', 'ünïcödé:?*', 'x'.repeat(5000)]) {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * key.length) & 255);
    const expected = bytes.slice();
    check(await cache.reserve(key, bytes.length, new Set()), 'There is no room.');
    check(await cache.put(key, [bytes.subarray(0, 7), bytes.subarray(7)]), 'An entry was not taken.');
    bytes.fill(0);
    await expectEntry(key, expected);
    (await cache.get(key))?.fill(9);
    await expectEntry(key, expected);
  }
  await cache.put('sha256-abc', [Uint8Array.of(1, 2, 3).subarray(1)]);
  await expectEntry('sha256-abc', Uint8Array.of(2, 3));
  await cache.used(['sha256-abc', 'missing']);
  await expectEntry('sha256-abc', Uint8Array.of(2, 3));
  check((await cache.get('missing')) === null, 'Using an entry must not make it.');
}

/**
 * Of a cache that keeps at most 1000 bytes of entries, and that `reopen` gives anew: room is made by removing
 * what was used longest ago, never what is to be kept, and nothing where that would not be enough.
 */
export async function checkEviction(reopen: () => Promise<FactorCache>): Promise<void> {
  const there = async (cache: FactorCache): Promise<string> => {
    const found = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (key) => ((await cache.get(key)) ? key : '')),
    );
    return found.join('');
  };
  const expectThere = async (cache: FactorCache, expected: string): Promise<void> => {
    const found = await there(cache);
    if (found !== expected) throw new Error(`The cache holds ${found || 'nothing'}, not ${expected}.`);
  };
  const put = async (cache: FactorCache, key: string): Promise<void> => {
    if (!(await cache.put(key, [new Uint8Array(400)]))) throw new Error(`${key} was not taken.`);
    await cache.used([key]);
    // Times of use are compared in milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const first = await reopen();
  await put(first, 'a');
  await put(first, 'b');
  await first.used(['a']);

  const cache = await reopen();
  let asked = 0;
  const reserve = async (
    bytes: number,
    keep: readonly string[],
    expected: boolean,
    key = `new ${++asked}`,
  ): Promise<void> => {
    if ((await cache.reserve(key, bytes, new Set(keep))) !== expected)
      throw new Error(
        `${bytes} bytes beside ${keep.join('') || 'nothing'} should ${expected ? '' : 'not '}have room.`,
      );
  };
  await reserve(100, [], true);
  await expectThere(cache, 'ab');
  // 900 of 1000 are taken or set aside; what is there already takes no more.
  await reserve(450, ['b'], true, 'a');
  await expectThere(cache, 'ab');
  await reserve(700, ['a', 'b'], false);
  await expectThere(cache, 'ab');
  await reserve(400, ['a'], true);
  await expectThere(cache, 'a');
  await cache.used([]);
  await reserve(400, [], true);
  await expectThere(cache, 'a');
  await reserve(1001, [], false);
  await expectThere(cache, 'a');
  await reserve(600, [], true);
  await expectThere(cache, '');
}
