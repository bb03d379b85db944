/** WebP by libwebp (@jsquash/webp), as Pillow decodes it. Of an animation the first frame. */
import makeCodec from '@jsquash/webp/codec/dec/webp_dec.js';
import type { Codec, Pixels } from './codec.ts';
import { freshInstance } from './emscripten.ts';
import { firstFrame } from './webp-frame.ts';

interface WebpModule {
  /** Null for what is damaged. */
  decode(bytes: Uint8Array): Pixels | null;
}

export const decodeWebp: Codec = async (bytes, _header, { places }) => {
  const lines: string[] = [];
  const codec = await freshInstance<WebpModule>(makeCodec, await places.module('webp'), (line) =>
    lines.push(line),
  );
  const animation = firstFrame(bytes);
  const pixels = codec.decode(animation?.file ?? bytes);
  if (!pixels) throw new Error(lines[0] ?? 'libwebp decodes nothing of it');
  return animation ? animation.onCanvas(pixels) : pixels;
};
