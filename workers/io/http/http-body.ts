/** Reads the body of an answer. A connection that is cut gives the bytes that had arrived, and no error. */
import { StudioError } from '../../../core/errors.ts';
import { allocateBytes } from '../range.ts';

export interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the platform threw when the connection ended before the body did, or null. */
  readonly cut: unknown;
}

/**
 * `expectedBytes`: what the headers promise, null where they do not say. Reading stops as soon as more than
 * `mostBytes` have come, with `memory` where that is a file that the server sends only whole.
 */
export async function readBody(
  response: Response,
  name: string,
  expectedBytes: number | null,
  mostBytes: number,
  onBytes: ((bytes: number) => void) | undefined,
): Promise<Body> {
  const tooLarge = (sizeBytes: number): never => {
    throw new StudioError(
      'memory',
      `${name}: the server sends large files only whole. Download the model and pick its folder instead.`,
      { details: { file: name, value: sizeBytes } },
    );
  };
  if (response.status === 200 && expectedBytes !== null && expectedBytes > mostBytes) {
    await response.body?.cancel();
    tooLarge(expectedBytes);
  }
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  let cut: unknown = null;
  while (reader) {
    const next = await reader.read().catch((cause: unknown) => {
      cut = cause ?? 'cut';
      return null;
    });
    if (!next || next.done) break;
    parts.push(next.value);
    length += next.value.length;
    onBytes?.(next.value.length);
    if (length <= mostBytes) continue;
    await reader.cancel();
    if (response.status === 200) tooLarge(length);
    break;
  }
  const bytes = allocateBytes(name, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, cut };
}
