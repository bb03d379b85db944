/** What every cache promises, as a check that their tests share. Throws where a promise is broken. */
import type { ByteCache } from '../contract.ts';

export async function checkCacheLaws(cache: ByteCache): Promise<void> {
  const expectEntry = async (key: string, expected: Uint8Array | null): Promise<void> => {
    const found = await cache.get(key);
    const same =
      expected === null
        ? found === null
        : found?.length === expected.length && found.every((byte, i) => byte === expected[i]);
    if (!same)
      throw new Error(
        `Under ${key.slice(0, 40)} there ${found === null ? 'is nothing' : `are other bytes, ${found.length} of them`}.`,
      );
  };

  await expectEntry('missing', null);
  for (const key of ['sha256-abc', '../up/../and away', 'ünïcödé:?*', 'x'.repeat(5000)]) {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * key.length) & 255);
    const expected = bytes.slice();
    if (!(await cache.put(key, bytes))) throw new Error('The cache did not take an entry.');
    bytes.fill(0);
    await expectEntry(key, expected);
    (await cache.get(key))?.fill(9);
    await expectEntry(key, expected);
  }
  await cache.put('sha256-abc', Uint8Array.of(1, 2, 3).subarray(1));
  await expectEntry('sha256-abc', Uint8Array.of(2, 3));
}
