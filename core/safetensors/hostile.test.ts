/** Crafted and random files: each is refused with a StudioError that names what is wrong, after little work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { headerLength, maxHeaderBytes, maxTensors } from './header.ts';
import { buildSafetensors } from './write.ts';
import { craft, good, parse, refusal, survives, tensor } from './testing/crafted-files.ts';

const cases: readonly [string, Uint8Array, RegExp][] = [
  ['an empty file', new Uint8Array(0), /is empty/],
  ['seven bytes', new Uint8Array(7), /too short/],
  ['a header longer than the file', craft('{}').subarray(0, 9), /claims a header of 2 bytes/],
  [
    'a header length near 2^64',
    Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 123, 125]),
    /above the limit/,
  ],
  ['no header at all', craft(''), /does not start with/],
  ['a header of spaces', craft('        '), /does not start with/],
  ['an array', craft('[]'), /does not start with/],
  ['a byte order mark', craft('\ufeff{}'), /does not start with/],
  ['invalid UTF-8', craft(Uint8Array.from([123, 34, 0xff, 34, 125])), /UTF-8/],
  ['broken JSON', craft('{"a":'), /not valid JSON/],
  ['text after the header', craft('{} x'), /text after the end/],
  [
    'a tensor named twice',
    craft(`{"a":${tensor('U8', [1], [0, 1])},"a":${tensor('U8', [1], [0, 1])}}`, 1),
    /given twice/,
  ],
  [
    'a dtype given twice',
    craft('{"a":{"dtype":"F32","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
    /given twice/,
  ],
  ['deep nesting', craft(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`), /nested too deeply/],
  ['metadata that is not an object', craft('{"__metadata__":[]}'), /__metadata__ must be an object/],
  ['metadata with a number', craft('{"__metadata__":{"a":1}}'), /strings only/],
  ['a tensor that is a string', craft('{"a":"b"}'), /must be an object/],
  ['a tensor without dtype', craft('{"a":{"shape":[1],"data_offsets":[0,1]}}', 1), /has no dtype/],
  ['an unknown dtype', craft(`{"a":${tensor('F4', [2], [0, 1])}}`, 1), /element type F4/],
  [
    'a dtype from the prototype',
    craft(`{"a":${tensor('constructor', [1], [0, 1])}}`, 1),
    /element type constructor/,
  ],
  ['a shape that is a number', craft(`{"a":${tensor('U8', 1, [0, 1])}}`, 1), /shape must be/],
  ['a negative size', craft(`{"a":${tensor('U8', [-1], [0, 1])}}`, 1), /shape must be/],
  ['a broken size', craft(`{"a":${tensor('U8', [0.5], [0, 1])}}`, 1), /shape must be/],
  [
    'a size above 2^53',
    craft('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
    /shape must be/,
  ],
  [
    'a product that overflows',
    craft(`{"a":${tensor('F32', [2 ** 40, 2 ** 40], [0, 0])}}`),
    /impossibly large/,
  ],
  [
    'a product that overflows to a multiple of 2^64',
    craft(`{"a":${tensor('U8', [2 ** 32, 2 ** 32], [0, 0])}}`),
    /impossibly large/,
  ],
  ['no offsets', craft('{"a":{"dtype":"U8","shape":[1]}}', 1), /data_offsets must be/],
  ['three offsets', craft(`{"a":${tensor('U8', [1], [0, 1, 2])}}`, 1), /data_offsets must be/],
  ['offsets that run backwards', craft(`{"a":${tensor('U8', [1], [1, 0])}}`, 1), /run backwards/],
  ['data beyond the file', craft(`{"a":${tensor('U8', [2], [0, 2])}}`, 1), /may be incomplete/],
  ['a span that does not fit the shape', craft(`{"a":${tensor('F32', [1], [0, 3])}}`, 3), /needs 4 bytes/],
  ['overlap', craft(`{"a":${tensor('U8', [2], [0, 2])},"b":${tensor('U8', [2], [1, 3])}}`, 3), /overlaps/],
  [
    'two tensors on the same bytes',
    craft(`{"a":${tensor('U8', [2], [0, 2])},"b":${tensor('U8', [2], [0, 2])}}`, 2),
    /overlaps/,
  ],
  ['a hole', craft(`{"a":${tensor('U8', [1], [0, 1])},"b":${tensor('U8', [1], [2, 3])}}`, 3), /unclaimed/],
  ['a hole at the start', craft(`{"a":${tensor('U8', [1], [1, 2])}}`, 2), /unclaimed/],
  ['data that no tensor claims', craft(`{"a":${tensor('U8', [1], [0, 1])}}`, 2), /no tensor claims/],
  ['a zip file', Uint8Array.from([0x50, 0x4b, 3, 4, 0x14, 0, 0, 0, 8, 0]), /claims a header|above the limit/],
];

describe('crafted files are refused', () => {
  it.each(cases)('%s', (_, file, message) => {
    let caught: unknown;
    try {
      parse(file);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(StudioError);
    const error = caught as StudioError;
    expect(error.message).toMatch(message);
    expect(error.message).toContain('bad.safetensors');
    expect(['bad-file', 'unsupported']).toContain(error.code);
    expect(error.retryable).toBe(false);
    expect(error.message.length).toBeLessThan(600);
  });

  it('and what is odd but legal is read', () => {
    expect(parse(craft('{}')).tensors).toEqual([]);
    expect(parse(craft('{"__metadata__":null}')).metadata.size).toBe(0);
    expect(parse(craft('{"__metadata__":{}}   ')).metadata.size).toBe(0);
    expect(parse(craft(`{"__proto__":${tensor('U8', [1], [0, 1])}}`, 1)).tensors[0]?.name).toBe('__proto__');
    const empty = parse(craft(`{"a":${tensor('U8', [3, 0, 2 ** 50, 2 ** 50], [0, 0])}}`));
    expect(empty.tensors[0]).toMatchObject({ begin: empty.dataBegin, end: empty.dataBegin });
    const twoEmpty = parse(craft(`{"b":${tensor('U8', [1], [0, 1])},"a":${tensor('F32', [0], [0, 0])}}`, 1));
    expect(twoEmpty.tensors.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('random files never throw anything else', () => {
  it('random bytes, and random bytes after a plausible length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(() => parse(bytes))),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(() => parse(craft(bytes)))),
      { numRuns: 2000 },
    );
  });

  it('random JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(20), (value, dataBytes) =>
        survives(() => parse(craft(JSON.stringify(value), dataBytes))),
      ),
      { numRuns: 2000 },
    );
  });

  it('a good file with bytes changed, cut or added: what is accepted lies inside the file', () => {
    const edit = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: -20, max: 20 }),
        (edits, extra) => {
          const file = new Uint8Array(good.length + extra);
          file.set(good.subarray(0, file.length));
          for (const { at, byte } of edits) if (at < file.length) file[at] = byte;
          survives(() => {
            const { tensors, dataBegin } = parse(file);
            let covered = dataBegin;
            for (const { begin, end } of tensors) {
              expect(begin).toBe(covered);
              covered = end;
            }
            expect(covered).toBe(file.length);
          });
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('size', () => {
  const entry = (i: number): string => `"t${i}":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`;
  const crowded = (count: number): Uint8Array =>
    craft(`{${Array.from({ length: count }, (_, i) => entry(i)).join(',')}}`, count);

  it('a million tensors are refused by the length of their header, from the first eight bytes', () => {
    const begin = craft('').subarray(0, 8);
    new DataView(begin.buffer).setBigUint64(0, BigInt(entry(1e6).length * 1e6), true);
    expect(() => headerLength(begin, 100e6, 'many')).toThrow(/this studio reads up to/);
  });

  it('so many as a header of allowed length can hold are refused before one is read', () => {
    const file = crowded(480_000);
    expect(headerLength(file, file.length, 'many')).toBeGreaterThan(0.9 * maxHeaderBytes);
    const { message, values } = refusal(() => parse(file));
    expect(message).toMatch(new RegExp(`more than ${maxTensors} tensors`));
    expect(values).toBe(0);
  });

  it('so much metadata is refused with the first entry that is too many', () => {
    const entries = Array.from({ length: 300_000 }, (_, i) => `"k${i}":"v"`).join(',');
    const { message, values } = refusal(() => parse(craft(`{"__metadata__":{${entries}}}`)));
    expect(message).toMatch(/more than 100000/);
    // The header itself, its metadata, and the entries.
    expect(values).toBe(2 + maxTensors);
  });

  it('a shape of millions of sizes is refused with the first value that is too many', () => {
    const file = craft(`{"a":{"dtype":"U8","shape":[${'1,'.repeat(16e6)}1],"data_offsets":[0,1]}}`, 1);
    const { message, values } = refusal(() => parse(file));
    expect(message).toMatch(/more than \d+ values/);
    expect(values).toBe(12 * maxTensors + 1);
  });

  it('brackets nested millions deep are refused at the fifth', () => {
    const { message, values } = refusal(() => parse(craft(`{"a":${'['.repeat(2 ** 24)}`)));
    expect(message).toMatch(/nested too deeply/);
    expect(values).toBe(5);
  });

  it('a hundred thousand tensors are read', () => {
    const tensors = Array.from({ length: 100_000 }, (_, i) => ({
      name: `model.layers.${i}.weight`,
      dtype: 'U8' as const,
      shape: [1],
      bytes: new Uint8Array(1),
    }));
    expect(parse(buildSafetensors(tensors, new Map())).tensors.length).toBe(100_000);
  });
});
