/** For tests: small files that are crafted, a good one, and what reading one leads to. */
import { StudioError } from '../../errors.ts';
import { JsonError } from '../../strict-json.ts';
import { parseHeader } from '../header.ts';
import { buildSafetensors } from '../write.ts';

const encoder = new TextEncoder();

/** A file of this header text and so many bytes of data. */
export function craft(header: string | Uint8Array, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const json = typeof header === 'string' ? encoder.encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

export const parse = (file: Uint8Array) => parseHeader(file, file.length, 'bad.safetensors');
export const tensor = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

export const good = buildSafetensors(
  [
    { name: 'a', dtype: 'F32', shape: [2, 2], bytes: new Uint8Array(16) },
    { name: 'b', dtype: 'BF16', shape: [3], bytes: new Uint8Array(6) },
  ],
  new Map([['format', 'pt']]),
);

/** Runs it; only a StudioError that is not internal may come of it. */
export const survives = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'internal') throw error;
  }
};

/** What `run` throws, and how many JSON values had been read by then. */
export function refusal(run: () => unknown): { readonly message: string; readonly values: number } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return { message: error.message, values: error.cause instanceof JsonError ? error.cause.values : 0 };
  }
  throw new Error('It was accepted.');
}
