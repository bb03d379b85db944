import { describe, expect, test } from 'vitest';
import { pack, share, unpack } from './packing.ts';
import { presentParts, sessionVersion } from './versions.ts';

/** Numbers in the order in which values are met. */
function numbering() {
  const values = new Map<number, object>();
  const numbers = new Map<object, number>();
  return {
    values,
    numberOf(large: object) {
      const number = numbers.get(large) ?? numbers.size;
      numbers.set(large, number);
      values.set(number, large);
      return number;
    },
  };
}

describe('packing', () => {
  test('takes typed arrays and files out, each once, and puts the very same back', () => {
    const gates = new Float32Array([0.5, 1]);
    const file = new Blob(['x']);
    const tree = { a: [gates, { b: gates }], file, n: 1, t: 'text', none: null, absent: undefined };
    const { values, numberOf } = numbering();
    const packed = pack(tree, numberOf);
    expect(JSON.parse(JSON.stringify(packed))).toEqual(packed);
    expect([...values.values()]).toEqual([gates, file]);
    const back = unpack(packed, (number) => values.get(number) ?? null) as typeof tree;
    expect(back.a[0]).toBe(gates);
    expect(back.file).toBe(file);
    expect(back).toEqual({ a: [gates, { b: gates }], file, n: 1, t: 'text', none: null });
  });

  test('a value that is missing, one where none can be, and a tree without end are refused', () => {
    expect(() => unpack({ '~value': 7 }, () => null)).toThrow(/lacks the value 7/);
    expect(() => unpack({ '~value': '7' }, () => new Blob([]))).toThrow(/lacks the value/);
    expect(() => unpack({ a: new Float32Array(1) }, () => null)).toThrow(/in a place where none can be/);
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    expect(() => unpack(deep, () => null)).toThrow(/deep/);
  });

  test('sharing makes one of what was one: fields and images, not edits that only look alike', () => {
    const values = new Float32Array(2);
    const locks = new Uint8Array(2);
    const shared = share({
      a: { values, locks },
      b: [{ values, locks }],
      c: { values, locks: new Uint8Array(2) },
      d: { width: 1, values },
      e: { width: 2, values },
    });
    expect(shared.b[0]).toBe(shared.a);
    expect(shared.c).not.toBe(shared.a);
    expect(shared.d).not.toBe(shared.e);
    expect(shared.a.values).toBe(values);
  });
});

describe('versions', () => {
  test('the present one is read as it is, older ones go up step by step, and others are refused', () => {
    const parts = { gates: 1 };
    expect(presentParts(sessionVersion, parts)).toBe(parts);
    const steps = {
      1: (old: object) => ({ ...old, two: true }),
      2: (old: object) => ({ ...old, three: true }),
    };
    expect(presentParts(1, parts, steps, 3)).toEqual({ gates: 1, two: true, three: true });
    expect(() => presentParts(4, parts, steps, 3)).toThrow(/newer studio/);
    expect(() => presentParts(0, parts, steps, 3)).toThrow(/can no longer be read/);
  });
});
