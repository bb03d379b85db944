/** What the decoders of single formats have in common. */
import type { ImageHeader } from '../../../core/images/image-header.ts';

/** RGBA as the file has it: not turned, and transparent where it is. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export type CodecName = 'png' | 'jpeg' | 'webp';

/** Where the WebAssembly of the codecs lies: a browser fetches it from the page's own server, Node reads it. */
export interface CodecPlaces {
  /** Compiled once for each codec. */
  module(name: CodecName): Promise<WebAssembly.Module>;
}

export interface CodecContext {
  readonly places: CodecPlaces;
  /** For messages. */
  readonly file: string;
}

/**
 * The header was found and its size checked. What is thrown that is no `StudioError` is the decoder's own word for
 * a file that is damaged.
 */
export type Codec = (
  bytes: Uint8Array<ArrayBuffer>,
  header: ImageHeader,
  context: CodecContext,
) => Promise<Pixels> | Pixels;

/** `compile` once for each codec, whoever asks first; a failure is asked again. */
export function compiledOnce(compile: (name: CodecName) => Promise<WebAssembly.Module>): CodecPlaces {
  const compiled = new Map<CodecName, Promise<WebAssembly.Module>>();
  return {
    module: (name) => {
      const known = compiled.get(name);
      if (known) return known;
      const fresh = compile(name).catch((thrown: unknown) => {
        compiled.delete(name);
        throw thrown;
      });
      compiled.set(name, fresh);
      return fresh;
    },
  };
}
