/** The codecs' WebAssembly in Node: files of the installed packages. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { compiledOnce, type CodecName } from './codec.ts';

const files: Readonly<Record<CodecName, string>> = {
  png: '@jsquash/png/codec/pkg/squoosh_png_bg.wasm',
  jpeg: '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  webp: '@jsquash/webp/codec/dec/webp_dec.wasm',
};

export const nodeCodecs = () => {
  const { resolve } = createRequire(import.meta.url);
  return compiledOnce(async (name) =>
    WebAssembly.compile(new Uint8Array(await readFile(resolve(files[name])))),
  );
};
