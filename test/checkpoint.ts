/**
 * A checkpoint folder of the repository as a `Checkpoint`, read in the plainest way: tests of models do not
 * depend on our reader.
 */
import type { Checkpoint, TensorEntry } from '../workers/io/contract.ts';
import { readFixture, readJsonFixture } from './fixtures.ts';

interface Header {
  readonly [name: string]: {
    readonly dtype: string;
    readonly shape: number[];
    readonly data_offsets: [number, number];
  };
}

export async function readSafetensors(
  path: string,
): Promise<
  Map<string, { readonly dtype: string; readonly shape: number[]; readonly bytes: Uint8Array<ArrayBuffer> }>
> {
  const file = await readFixture(path);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Header;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return new Map(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, { dtype, shape, bytes: file.slice(8 + length + begin, 8 + length + end) }],
    ),
  );
}

/** Arrays of a reference file by name, widened to float32. */
export async function readArrays(
  path: string,
): Promise<(name: string) => { readonly shape: number[]; readonly data: Float32Array }> {
  const tensors = await readSafetensors(path);
  return (name) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${path} has no ${name}`);
    return { shape: tensor.shape, data: widen(tensor.dtype, tensor.bytes) };
  };
}

export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const tensors = await readSafetensors(`${folder}/model.safetensors`);
  const stored = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${folder} has no ${name}`);
    return tensor;
  };
  const entries = [...tensors].map(([name, { dtype, shape, bytes }]): [string, TensorEntry] => [
    name,
    { name, dtype, shape, sizeBytes: bytes.length, file: 'model.safetensors' },
  ]);
  return {
    label: folder,
    config: await readJsonFixture(`${folder}/config.json`),
    tensors: new Map(entries),
    metadata: {},
    sizeBytes: entries.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0),
    readRaw: async (name) => stored(name).bytes,
    readRange: async (name, begin, end) => stored(name).bytes.slice(begin, end),
    readFloat32: async (name) => widen(stored(name).dtype, stored(name).bytes),
    readText: async (path) => {
      try {
        return new TextDecoder().decode(await readFixture(`${folder}/${path}`));
      } catch {
        return null;
      }
    },
  };
}

function widen(dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (dtype === 'F32') return new Float32Array(bytes.buffer);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat);
  if (dtype === 'U8') return Float32Array.from(bytes);
  throw new Error(`fixtures hold F32, F16 or U8, not ${dtype}`);
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
