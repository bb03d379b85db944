/** Texts that people write with any editor: UTF-8, and refused in words where they are something else. */
import { StudioError } from '../errors.ts';

/**
 * A byte order mark is passed over. Throws `bad-file` for what is no UTF-8, or has a zero byte, which no text
 * has.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const fail = (why: string, cause?: unknown): never => {
    throw new StudioError('bad-file', `${file} is ${why}`, { details: { file }, cause });
  };
  if (isLfsPointer(bytes)) fail(lfsPointer);
  if (isUtf16(bytes))
    fail('not valid UTF-8 text: it is UTF-16, as some editors and PowerShell save it. Save it as UTF-8.');
  if (bytes.includes(0))
    fail('not valid UTF-8 text: it has zero bytes, as images, archives and weights do. Choose a text file.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    return fail('not valid UTF-8 text, so that what it says is not known. Save it as UTF-8.', cause);
  }
}

/** Behind “is”: what git leaves in the place of a large file that was not fetched, and what to do. */
export const lfsPointer =
  'a Git LFS pointer, which stands for the file and does not hold it. Fetch the file itself: run git lfs pull in its folder, or download it from the Hub.';

const pointerStart = 'version https://git-lfs';

/** The first 8 bytes are enough. */
export const isLfsPointer = (bytes: Uint8Array): boolean =>
  bytes.length >= 8 &&
  [...bytes.subarray(0, pointerStart.length)].every((byte, i) => byte === pointerStart.charCodeAt(i));

/** By its mark, or because half of the bytes of English text are zero. */
export function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  const zeros = (odd: number) => head.filter((byte, i) => i % 2 === odd && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  return head.length > 1 && Math.max(even, odd) > head.length / 4 && Math.min(even, odd) === 0;
}
