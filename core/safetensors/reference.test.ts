/** Held against files that the reference implementation wrote (zoo/reference/safetensors/make.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { decodeFloat32 } from './decode.ts';
import { encodeFloat32 } from './encode.ts';
import { parseHeader } from './header.ts';
import { craft, parse } from './testing/crafted-files.ts';
import { buildSafetensors } from './write.ts';

const folder = new URL('../../zoo/reference/safetensors/', import.meta.url);
const readBytes = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(name, folder)));
const readJson = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;

interface Values {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { readonly shape: number[]; readonly bits: (number | null)[] }>;
}
interface Rounding {
  readonly f32: number[];
  readonly f16: number[];
  readonly bf16: number[];
}

/** NaN compares as null: which NaN it is carries no meaning. */
const bitsOf = (values: Float32Array<ArrayBuffer>): (number | null)[] => {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Array.from(values, (value, i) => (Number.isNaN(value) ? null : (bits[i] as number)));
};

describe('a file with every element type', () => {
  const file = readBytes('all-dtypes.safetensors');
  const expected = readJson<Values>('values.json');
  const header = parseHeader(file, file.length, 'all-dtypes.safetensors');

  it('has the tensors, shapes and metadata that were written', () => {
    expect(new Set(header.tensors.map(({ dtype }) => dtype)).size).toBe(15);
    expect(Object.fromEntries(header.tensors.map(({ name, shape }) => [name, shape]))).toEqual(
      Object.fromEntries(Object.entries(expected.tensors).map(([name, { shape }]) => [name, shape])),
    );
    expect(Object.fromEntries(header.metadata)).toEqual(expected.metadata);
  });

  it.each(header.tensors.map((tensor) => [tensor.name, tensor] as const))(
    '%s widens to the same bits',
    (name, { dtype, begin, end }) => {
      expect(bitsOf(decodeFloat32(dtype, file.slice(begin, end)))).toEqual(expected.tensors[name]?.bits);
    },
  );

  it('widens unaligned bytes to the same values', () => {
    for (const { dtype, begin, end } of header.tensors) {
      const shifted = new Uint8Array(end - begin + 1).subarray(1);
      shifted.set(file.subarray(begin, end));
      expect(bitsOf(decodeFloat32(dtype, shifted))).toEqual(
        bitsOf(decodeFloat32(dtype, file.slice(begin, end))),
      );
    }
  });
});

describe('rounding', () => {
  const { f32, f16, bf16 } = readJson<Rounding>('rounding.json');
  const values = new Float32Array(Uint32Array.from(f32).buffer);
  const codes = (bytes: Uint8Array<ArrayBuffer>): number[] => Array.from(new Uint16Array(bytes.buffer));

  it('to F16 and BF16 agrees with torch, ties, subnormals and overflow included', () => {
    expect(f32.length).toBeGreaterThan(1500);
    expect(codes(encodeFloat32('F16', values))).toEqual(f16);
    expect(codes(encodeFloat32('BF16', values))).toEqual(bf16);
  });

  it('gives every F16 and BF16 code back, NaN as a NaN of its sign', () => {
    const all = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, code) => code).buffer);
    for (const [dtype, infinity] of [
      ['F16', 0x7c00],
      ['BF16', 0x7f80],
    ] as const) {
      codes(encodeFloat32(dtype, decodeFloat32(dtype, all))).forEach((back, code) => {
        const isNan = (code & 0x7fff) > infinity;
        if (isNan ? (back & 0x7fff) <= infinity || (back & 0x8000) !== (code & 0x8000) : back !== code)
          throw new Error(`${dtype} ${code} came back as ${back}`);
      });
    }
    expect(bitsOf(decodeFloat32('F32', encodeFloat32('F32', values)))).toEqual(bitsOf(values));
  });

  it('refuses to write integers', () => {
    expect(() => encodeFloat32('I32', values)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

describe('odd headers', () => {
  interface Case {
    readonly name: string;
    readonly header: string;
    readonly dataBytes: number;
    readonly tensors: Readonly<Record<string, number[]>> | null;
  }
  const { cases } = readJson<{ cases: Case[] }>('headers.json');
  /** Refused here and not there: which of two counts differs between readers. */
  const stricter = ['a tensor twice'];
  /** Read here and not there: other spellings of whole numbers. */
  const laxer = ['a shape of one fraction', 'a shape with an exponent', 'minus nought'];
  const read = ({ header, dataBytes }: Case) => {
    try {
      const { tensors } = parse(craft(header, dataBytes));
      return Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
    } catch (error) {
      expect(error).toBeInstanceOf(StudioError);
      return null;
    }
  };

  it.each(cases.map((one) => [one.name, one] as const))(
    '%s is opened as the reference opens it',
    (name, one) => {
      expect(read(one)).toEqual(
        laxer.includes(name) ? { a: [1] } : stricter.includes(name) ? null : one.tensors,
      );
    },
  );
});

describe('writing', () => {
  it.each(['plain.safetensors', 'all-dtypes.safetensors'])('%s is reproduced byte for byte', (name) => {
    const file = readBytes(name);
    const { tensors, metadata } = parseHeader(file, file.length, name);
    const again = buildSafetensors(
      tensors.map(({ begin, end, ...tensor }) => ({ ...tensor, bytes: file.subarray(begin, end) })),
      metadata,
    );
    expect(Buffer.from(again).equals(Buffer.from(file))).toBe(true);
  });

  it('refuses two tensors of one name, and bytes that do not fit the shape', () => {
    const tensor = { name: 'a', dtype: 'F16', shape: [2], bytes: new Uint8Array(4) } as const;
    expect(() => buildSafetensors([tensor, tensor], new Map())).toThrow(/two tensors named a/);
    expect(() => buildSafetensors([{ ...tensor, shape: [3] }], new Map())).toThrow(
      /needs 6 bytes of F16 but has 4/,
    );
  });
});
