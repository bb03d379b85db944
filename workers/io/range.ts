import { StudioError } from '../../core/errors.ts';

/** One buffer is asked of the platform for at most so much; Chromium fails from 2047 MiB. */
const pieceBytes = 64 * 2 ** 20;

/** The guard that every source shares. */
export function checkRange(name: string, sizeBytes: number, begin: number, end: number): void {
  if (
    !Number.isSafeInteger(begin) ||
    !Number.isSafeInteger(end) ||
    begin < 0 ||
    begin > end ||
    end > sizeBytes
  ) {
    throw new StudioError(
      'internal',
      `${name}: bytes ${begin} to ${end} were asked of a file of ${sizeBytes}.`,
      { details: { file: name, value: end } },
    );
  }
}

/** A zeroed buffer, or `memory` instead of the platform's RangeError. */
export function allocateBytes(name: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (cause) {
    throw new StudioError('memory', `${name}: ${sizeBytes} bytes at once do not fit into memory.`, {
      details: { file: name, value: sizeBytes },
      cause,
    });
  }
}

/**
 * Bytes [begin, end) from a reader of pieces, each of which must bring exactly what it was asked for, in
 * memory that is nobody else's: a single piece is the result.
 */
export async function readInPieces(
  name: string,
  begin: number,
  end: number,
  read: (begin: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = end - begin <= pieceBytes;
  const result = whole ? new Uint8Array(0) : allocateBytes(name, end - begin);
  for (let at = begin; at < end; at += pieceBytes) {
    const stop = Math.min(end, at + pieceBytes);
    const piece = await read(at, stop);
    if (piece.length !== stop - at) {
      throw new StudioError(
        'bad-file',
        `${name}: ended after ${at + piece.length} bytes; it may have changed while it was read.`,
        { retryable: true, details: { file: name, value: at + piece.length } },
      );
    }
    if (whole) return piece;
    result.set(piece, at - begin);
  }
  return result;
}
