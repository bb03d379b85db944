/** Texts that people write with any editor: UTF-8, and refused in words where they are something else. */
import { StudioError } from '../errors.ts';

/**
 * A byte order mark is passed over. Throws `bad-file` for what is no UTF-8, or has a zero byte, which no text
 * has.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const fail = (why: string, cause?: unknown): never => {
    throw new StudioError('bad-file', `${file} is not valid UTF-8 text${why}`, { details: { file }, cause });
  };
  if (isUtf16(bytes)) fail(': it is UTF-16, as some editors and PowerShell save it. Save it as UTF-8.');
  if (bytes.includes(0)) fail(': it has zero bytes, as images, archives and weights do. Choose a text file.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    return fail(', so that what it says is not known. Save it as UTF-8.', cause);
  }
}

/** By its mark, or because half of the bytes of English text are zero. */
export function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  const zeros = (odd: number) => head.filter((byte, i) => i % 2 === odd && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  return head.length > 1 && Math.max(even, odd) > head.length / 4 && Math.min(even, odd) === 0;
}
