/**
 * The factors of one matrix as bytes for a cache, and back: a head of a few kilobytes with the singular
 * values, which is all that opening a model again needs, then U and Vᵀ.
 *
 * A cache is a convenience that anything may have damaged: a crash half-way through a write, a full disk, an
 * older version of this program. So a head is believed only when its magic, kernel version, shape, checksum,
 * the order of s and the length of the whole entry are right, and factors only when their checksum is right
 * as well; otherwise it decodes to null, and the factors are computed again. It never throws and never
 * returns other factors. It is no protection against someone who forges an entry together with its checksums.
 *
 * Layout, 32-bit words in the machine's byte order (an entry from a machine of the other order fails on the
 * magic):
 * magic, checksum of the rest of the head, checksum of U and Vᵀ, rows, cols, r, length of the version in
 * bytes, the version in UTF-8
 * filled up with zeros to a multiple of 4, float32 s [r]; here the head ends; float32 u [rows, r], vt [r,
 * cols].
 */
import { xxh32 } from './checksum.ts';
import type { ThinSvd } from './contract.ts';

const MAGIC = 0x53564433; // "SVD3"
const HEADER_WORDS = 7;

export interface FactorIdentity {
  readonly rows: number;
  readonly cols: number;
  /** Of the factors, r; min(rows, cols) when absent. */
  readonly rank?: number;
  /** `kernelVersion` of the kernel that computed the factors. */
  readonly kernelVersion: string;
}

const rankOf = ({ rows, cols, rank = Math.min(rows, cols) }: FactorIdentity): number => rank;

/** Length of an entry, and of the head at its start. */
export function entrySize(identity: FactorIdentity): {
  readonly headBytes: number;
  readonly entryBytes: number;
} {
  const { rows, cols, kernelVersion } = identity;
  const r = rankOf(identity);
  const headBytes = 4 * (HEADER_WORDS + Math.ceil(new TextEncoder().encode(kernelVersion).length / 4) + r);
  return { headBytes, entryBytes: headBytes + 4 * r * (rows + cols) };
}

/** The entry in pieces to be written one after another; those of U and Vᵀ share memory with the factors. */
export function encodeFactors(
  { u, s, vt }: ThinSvd,
  identity: FactorIdentity,
): readonly Uint8Array<ArrayBuffer>[] {
  const version = new TextEncoder().encode(identity.kernelVersion);
  const { headBytes } = entrySize(identity);
  const head = new Uint8Array(headBytes);
  const words = new Uint32Array(head.buffer);
  words[0] = MAGIC;
  words[2] = bodyChecksum(u, vt);
  words[3] = identity.rows;
  words[4] = identity.cols;
  words[5] = rankOf(identity);
  words[6] = version.length;
  head.set(version, 4 * HEADER_WORDS);
  new Float32Array(head.buffer, headBytes - 4 * s.length).set(s);
  words[1] = xxh32(words.subarray(2));
  return [head, bytesOf(u), bytesOf(vt)];
}

/**
 * The singular values, newly allocated, or null when this is not the head of a sound entry for exactly this
 * identity.
 * @param head the first bytes of the entry, at least `headBytes` of them
 * @param sizeBytes length of the whole entry
 */
export function decodeHead(
  head: Uint8Array,
  sizeBytes: number,
  identity: FactorIdentity,
): Float32Array<ArrayBuffer> | null {
  const version = new TextEncoder().encode(identity.kernelVersion);
  const { headBytes, entryBytes } = entrySize(identity);
  if (sizeBytes !== entryBytes || head.length < headBytes) return null;
  const bytes = head.slice(0, headBytes); // aligned, whatever view it came as
  const words = new Uint32Array(bytes.buffer);
  if (
    words[0] !== MAGIC ||
    words[3] !== identity.rows ||
    words[4] !== identity.cols ||
    words[5] !== rankOf(identity) ||
    words[6] !== version.length
  )
    return null;
  if (version.some((byte, i) => bytes[4 * HEADER_WORDS + i] !== byte)) return null;
  if (words[1] !== xxh32(words.subarray(2))) return null;
  const s = new Float32Array(bytes.buffer.slice(headBytes - 4 * rankOf(identity)));
  return fallsToZeroOrAbove(s) ? s : null;
}

/**
 * The factors, or null when `bytes` is not a sound entry for exactly this identity. U and Vᵀ may share memory
 * with `bytes`.
 */
export function decodeFactors(bytes: Uint8Array<ArrayBuffer>, identity: FactorIdentity): ThinSvd | null {
  const s = decodeHead(bytes, bytes.length, identity);
  if (!s) return null;
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { headBytes } = entrySize(identity);
  const u = new Float32Array(buffer, byteOffset + headBytes, identity.rows * s.length);
  const vt = new Float32Array(buffer, u.byteOffset + u.byteLength, s.length * identity.cols);
  const checksum = new Uint32Array(bytes.slice(8, 12).buffer)[0];
  return checksum === bodyChecksum(u, vt) ? { u, s, vt } : null;
}

const bodyChecksum = (u: Float32Array, vt: Float32Array): number => xxh32(wordsOf(vt), xxh32(wordsOf(u)));
const wordsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer, byteOffset, byteLength);

function fallsToZeroOrAbove(s: Float32Array): boolean {
  let before = Infinity;
  for (const value of s) {
    if (!(value >= 0 && value <= before && value < Infinity)) return false;
    before = value;
  }
  return true;
}
