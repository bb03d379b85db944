/**
 * How much the pixels of a PNG inflate to, against what its header promises. The decoders inflate all that is there,
 * a thousand times its size, also what comes after the last pixel.
 */
import { pngDataBytes } from '../../../core/images/png-size.ts';

/** Some writers pad the end; nobody needs more. */
const slackBytes = 2 ** 20;
/** At a time: it inflates to at most sixteen mebibytes. */
const pieceBytes = 2 ** 14;

/**
 * A stream that is damaged is left to the decoder, which says where.
 * @throws Error, as the end of a sentence about the image
 */
export async function checkInflated(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  // What is so short is no PNG, and its reader says so.
  if (bytes.length < 33) return;
  const most = pngDataBytes(bytes) + slackBytes;
  const inflating = new DecompressionStream('deflate');
  // Not awaited: what comes after the end of the stream may never be taken.
  void feed(inflating.writable.getWriter(), dataOf(bytes)).catch(() => undefined);
  const reader = inflating.readable.getReader();
  let inflated = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      inflated += next.value.length;
      if (inflated > most) break;
    }
  } catch {
    return;
  }
  if (inflated > most) {
    void reader.cancel().catch(() => undefined);
    throw new Error(`its pixels inflate to more than the ${most - slackBytes} bytes that its size takes`);
  }
}

async function feed(
  writer: WritableStreamDefaultWriter<BufferSource>,
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += pieceBytes) {
      await writer.ready;
      await writer.write(piece.subarray(at, at + pieceBytes));
    }
  }
  await writer.close();
}

/** The contents of the chunks IDAT. */
function* dataOf(bytes: Uint8Array<ArrayBuffer>): Iterable<Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (view.getUint32(at + 4) === 0x49444154) yield bytes.subarray(at + 8, Math.min(end, bytes.length));
    at = end + 4;
  }
}
