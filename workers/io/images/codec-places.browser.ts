/** The codecs' WebAssembly in a browser: files of the page's own server. */
import jpegUrl from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url';
import pngUrl from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url';
import webpUrl from '@jsquash/webp/codec/dec/webp_dec.wasm?url';
import { StudioError } from '../../../core/errors.ts';
import { compiledOnce, type CodecName } from './codec.ts';

const urls: Readonly<Record<CodecName, string>> = { png: pngUrl, jpeg: jpegUrl, webp: webpUrl };

export const browserCodecs = () =>
  compiledOnce(async (name) => {
    try {
      return await WebAssembly.compileStreaming(fetch(urls[name]));
    } catch (cause) {
      throw new StudioError(
        'network',
        `The decoder for ${name} images could not be fetched from the page’s own server. Reload the page when it can be reached.`,
        { retryable: true, cause },
      );
    }
  });
