/** Files as one .zip, stored without compression (weights do not compress), made piece by piece so that no second copy is held. */
import { Zip, ZipPassThrough } from 'fflate';
import type { ExportedFile } from '../../protocol/engine.ts';

/** The archive's parts in order; `folder` is the directory that everything lies in. Zip without the 64-bit extension ends at 4 GiB. */
export function zipParts(files: readonly ExportedFile[], folder: string): Uint8Array<ArrayBuffer>[] {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else parts.push(chunk as Uint8Array<ArrayBuffer>);
  });
  for (const { path, bytes } of files) {
    const entry = new ZipPassThrough(`${folder}/${path}`);
    zip.add(entry);
    entry.push(bytes, true);
  }
  zip.end();
  if (failure) throw failure;
  return parts;
}

export const ZIP_LIMIT_BYTES = 2 ** 32 - 1;

export const totalBytes = (files: readonly ExportedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
