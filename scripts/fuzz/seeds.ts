/** Sound inputs from the files of the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Bytes } from './parser.ts';

/** @param path from the repository's root, which the process runs in */
export const bytesAt = (path: string): Bytes => new Uint8Array(readFileSync(path));
export const textAt = (path: string): string => readFileSync(path, 'utf8');
export const jsonAt = <T = Record<string, unknown>>(path: string): T => JSON.parse(textAt(path)) as T;
export const encoded = (text: string): Bytes => new TextEncoder().encode(text);
export const asJson = (value: unknown): Bytes => encoded(JSON.stringify(value));
export const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** All files of a folder whose name fits, in the order of their names. */
export const filesIn = (folder: string, fits: RegExp): readonly Bytes[] =>
  readdirSync(folder)
    .filter((name) => fits.test(name))
    .sort()
    .map((name) => bytesAt(`${folder}/${name}`));
