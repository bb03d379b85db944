import { describe, expect, test } from 'vitest';
import { dtypeBytes, type Dtype } from './dtype.ts';
import { FiniteLook, placeOf, type NotFinite } from './not-finite.ts';

/** IEEE 754 for the wide ones, the OCP specification of 2023 for 8 bits: the codes, not our own decoder's. */
const codes: readonly {
  readonly dtype: Dtype;
  readonly nan: readonly bigint[];
  readonly plus: bigint | null;
  readonly minus: bigint | null;
  /** The largest finite numbers, zeros, and the smallest. */
  readonly finite: readonly bigint[];
}[] = [
  {
    dtype: 'F64',
    nan: [0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff0000000000001n],
    plus: 0x7ff0000000000000n,
    minus: 0xfff0000000000000n,
    // The third is 1e300, the last one's lower word would be a NaN in float32.
    finite: [0x7fefffffffffffffn, 0xffefffffffffffffn, 0x7e37e43c8800759cn, 0n, 1n, 0x000000007fffffffn],
  },
  {
    dtype: 'F32',
    nan: [0x7fc00000n, 0xffc00000n, 0x7f800001n],
    plus: 0x7f800000n,
    minus: 0xff800000n,
    finite: [0x7f7fffffn, 0xff7fffffn, 0n, 0x80000000n, 1n],
  },
  {
    dtype: 'F16',
    nan: [0x7e00n, 0xfe00n, 0x7c01n],
    plus: 0x7c00n,
    minus: 0xfc00n,
    finite: [0x7bffn, 0xfbffn, 0n, 0x8000n, 1n],
  },
  {
    dtype: 'BF16',
    nan: [0x7fc0n, 0xffc0n, 0x7f81n],
    plus: 0x7f80n,
    minus: 0xff80n,
    finite: [0x7f7fn, 0xff7fn, 0n, 0x8000n, 1n],
  },
  {
    dtype: 'F8_E5M2',
    nan: [0x7dn, 0xfen],
    plus: 0x7cn,
    minus: 0xfcn,
    finite: [0x7bn, 0xfbn, 0n, 0x80n, 1n],
  },
  { dtype: 'F8_E4M3', nan: [0x7fn, 0xffn], plus: null, minus: null, finite: [0x7en, 0xfen, 0n, 0x80n, 1n] },
];

function stored(dtype: Dtype, values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const size = dtypeBytes[dtype];
  return Uint8Array.from(
    values.flatMap((code) => Array.from({ length: size }, (_, i) => Number((code >> BigInt(8 * i)) & 0xffn))),
  );
}

/** Looked at in pieces of so many bytes. */
function look(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, piece: number): NotFinite | null {
  const one = new FiniteLook(dtype);
  for (let at = 0; at < bytes.length; at += piece) one.add(bytes.subarray(at, at + piece));
  return one.found();
}

describe.each(codes)('$dtype', ({ dtype, nan, plus, minus, finite }) => {
  test('finds each code that is not finite, alone, wherever pieces end', () => {
    const bad = [...nan, plus, minus].filter((code) => code !== null);
    for (const code of bad)
      for (const at of [0, 6, 12]) {
        const values = Array.from({ length: 13 }, (_, i) => finite[i % finite.length] ?? 0n);
        values[at] = code;
        const bytes = stored(dtype, values);
        for (const piece of [1, 3, 4, 7, 16, bytes.length])
          expect(look(dtype, bytes, piece), `${code.toString(16)} at ${at} by ${piece}`).toEqual({
            nan: nan.includes(code) ? 1 : 0,
            plus: code === plus ? 1 : 0,
            minus: code === minus ? 1 : 0,
            first: { index: at, value: code === plus ? Infinity : code === minus ? -Infinity : NaN },
          });
      }
  });

  test('finds nothing among finite numbers', () => {
    const values = Array.from({ length: 200 }, (_, i) => finite[(i * i) % finite.length] ?? 0n);
    for (const piece of [1, 5, 64, 4096])
      expect(look(dtype, stored(dtype, values), piece), String(piece)).toBeNull();
  });

  test('counts over many blocks, with the first of them', () => {
    const count = 200_003;
    const bytes = new Uint8Array(count * dtypeBytes[dtype]);
    const put = (index: number, code: bigint) => bytes.set(stored(dtype, [code]), index * dtypeBytes[dtype]);
    const infinite = minus ?? (nan[1] as bigint);
    put(70_000, infinite);
    put(131_072, nan[0] as bigint);
    put(count - 1, nan[1] as bigint);
    expect(look(dtype, bytes, 100_001)).toEqual({
      nan: minus === null ? 3 : 2,
      plus: 0,
      minus: minus === null ? 0 : 1,
      first: { index: 70_000, value: minus === null ? NaN : -Infinity },
    });
  });
});

test('whole numbers are all finite', () => {
  const all = new Uint8Array(64).fill(0xff);
  for (const dtype of ['BOOL', 'U8', 'I8', 'I16', 'U16', 'I32', 'U32', 'I64', 'U64'] as const)
    expect(look(dtype, all, 7)).toBeNull();
});

test('a place has an index for each dimension', () => {
  expect(placeOf(0, [])).toBe('[]');
  expect(placeOf(5, [9])).toBe('[5]');
  expect(placeOf(27, [2, 3, 5])).toBe('[1, 2, 2]');
});
