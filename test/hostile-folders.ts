/** Model folders that mean harm, for the tests that have them refused and the benchmark of how quickly they are. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [KiB, MiB] = [2 ** 10, 2 ** 20];
/** The longest header or index that is read, its length, and a config. */
const headerBytes = 32 * MiB + KiB;

interface HostileFolder {
  readonly header?: string;
  /** Of the header as the file claims it, when it is another than its own. */
  readonly claimed?: number;
  readonly dataBytes?: number;
  readonly config?: string;
  readonly index?: string;
}

/** Writes it below `parent` and gives its path. */
export function writeHostileFolder(
  parent: string,
  name: string,
  { header, claimed, dataBytes = 0, config = '{}', index }: HostileFolder,
): string {
  const folder = join(parent, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), config);
  if (index !== undefined) writeFileSync(join(folder, 'model.safetensors.index.json'), index);
  if (header === undefined) return folder;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimed ?? Buffer.byteLength(header)));
  const file = join(folder, 'model.safetensors');
  writeFileSync(file, Buffer.concat([length, Buffer.from(header)]));
  // A hole in the file where its data would be.
  truncateSync(file, 8 + Buffer.byteLength(header) + dataBytes);
  return folder;
}

const tensor = (dtype: string, shape: readonly number[], begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
const crowd = (count: number) =>
  `{${Array.from({ length: count }, (_, i) => `"t${i}":${tensor('U8', [1], i, i + 1)}`).join(',')}}`;
const many = (count: number, of: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i)).join(',');

/** What it is, its files, the bytes of them that may be read at most, and how it is refused: code and message. */
export const hostileFolders: readonly (readonly [string, () => HostileFolder, number, string, RegExp])[] = [
  [
    'a million tensors',
    () => ({ header: crowd(1e6), dataBytes: 1e6 }),
    KiB,
    'unsupported',
    /header of \d+ bytes; this studio reads up to/,
  ],
  [
    'half a million tensors',
    () => ({ header: crowd(480_000), dataBytes: 480_000 }),
    headerBytes,
    'unsupported',
    /more than 100000 tensors/,
  ],
  [
    'metadata of two million keys',
    () => ({ header: `{"__metadata__":{${many(2e6, (i) => `"k${i}":"v"`)}}}` }),
    headerBytes,
    'unsupported',
    /more than 100000/,
  ],
  [
    'a shape of sixteen million sizes',
    () => ({
      header: `{"a":{"dtype":"U8","shape":[${'1,'.repeat(16e6)}1],"data_offsets":[0,1]}}`,
      dataBytes: 1,
    }),
    headerBytes,
    'bad-file',
    /more than \d+ values/,
  ],
  [
    'a header nested sixteen million deep',
    () => ({ header: `{"a":${'['.repeat(16 * MiB)}` }),
    headerBytes,
    'bad-file',
    /nested too deeply/,
  ],
  [
    'a header of escapes',
    () => ({ header: `{"__metadata__":{"a":"${'\\u4e2d'.repeat(5 * MiB)}"}}` }),
    headerBytes,
    'missing',
    /no tensors/,
  ],
  [
    'a header that claims 2⁶³ bytes',
    () => ({ header: '{}', claimed: 2 ** 63 }),
    KiB,
    'bad-file',
    /does not look like safetensors/,
  ],
  [
    'a header cut short',
    () => ({ header: tensor('U8', [1], 0, 1).slice(0, 20), claimed: 10_000 }),
    KiB,
    'bad-file',
    /may be incomplete/,
  ],
  [
    'overlapping tensors',
    () => ({ header: `{"a":${tensor('U8', [2], 0, 2)},"b":${tensor('U8', [2], 1, 3)}}`, dataBytes: 3 }),
    KiB,
    'bad-file',
    /overlaps/,
  ],
  [
    'a config nested two million deep',
    () => ({ header: `{"a":${tensor('U8', [1], 0, 1)}}`, dataBytes: 1, config: '['.repeat(2 * MiB) }),
    3 * MiB,
    'bad-file',
    /nested more than 100 deep/,
  ],
  [
    'a config of 60 MB',
    () => ({ header: `{"a":${tensor('U8', [1], 0, 1)}}`, dataBytes: 1, config: ' '.repeat(60e6) }),
    0,
    'bad-file',
    /too long/,
  ],
  [
    'an index that leaves the folder',
    () => ({ index: '{"weight_map":{"a":"../../secret.safetensors"}}' }),
    KiB,
    'bad-file',
    /not the name of a .safetensors file/,
  ],
  [
    'an index that names itself',
    () => ({ index: '{"weight_map":{"a":"model.safetensors.index.json"}}' }),
    KiB,
    'bad-file',
    /not the name of a .safetensors file/,
  ],
  [
    'an index that names a tensor twice',
    () => ({ index: '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}' }),
    KiB,
    'bad-file',
    /given twice/,
  ],
  [
    'an index of a million tensors',
    () => ({ index: `{"weight_map":{${many(1e6, (i) => `"t${i}":"x.safetensors"`)}}}` }),
    headerBytes,
    'bad-file',
    /more than 300000 tensors/,
  ],
];
