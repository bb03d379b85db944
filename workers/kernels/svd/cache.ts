/**
 * The factors of one matrix as bytes for a cache, and back.
 *
 * A cache is a convenience that anything may have damaged: a crash half-way through a write, a full disk, an older version of this
 * program. So an entry is believed only when its magic, kernel version, shape, exact length, checksum and the order of s are all
 * right; otherwise it decodes to null, and the factors are computed again. It never throws and never returns other factors. It is
 * no protection against someone who forges an entry together with its checksum.
 *
 * Layout, 32-bit words in the machine's byte order (an entry from a machine of the other order fails on the magic):
 *   magic, CRC-32 of all that follows, rows, cols, length of the version in bytes, 0, the version in UTF-8 filled up with zeros
 *   to a multiple of 4, then float32 u [rows, r], s [r], vt [r, cols].
 */
import type { ThinSvd } from './contract.ts';

const MAGIC = 0x53564431; // "SVD1"
const HEADER_WORDS = 6;

export interface FactorIdentity {
  readonly rows: number;
  readonly cols: number;
  /** `kernelVersion` of the kernel that computed the factors. */
  readonly kernelVersion: string;
}

export function encodeFactors(factors: ThinSvd, identity: FactorIdentity): Uint8Array<ArrayBuffer> {
  const version = new TextEncoder().encode(identity.kernelVersion);
  const layout = layoutOf(identity.rows, identity.cols, version.length);
  const bytes = new Uint8Array(layout.sizeBytes);
  const header = new Uint32Array(bytes.buffer, 0, HEADER_WORDS);
  header[0] = MAGIC;
  header[2] = identity.rows;
  header[3] = identity.cols;
  header[4] = version.length;
  bytes.set(version, HEADER_WORDS * 4);
  new Float32Array(bytes.buffer, layout.u, layout.uLength).set(factors.u);
  new Float32Array(bytes.buffer, layout.s, layout.sLength).set(factors.s);
  new Float32Array(bytes.buffer, layout.vt, layout.vtLength).set(factors.vt);
  header[1] = crc32(bytes.subarray(8));
  return bytes;
}

/** The factors, newly allocated, or null when `bytes` is not a sound entry for exactly this identity. */
export function decodeFactors(bytes: Uint8Array, identity: FactorIdentity): ThinSvd | null {
  const version = new TextEncoder().encode(identity.kernelVersion);
  const layout = layoutOf(identity.rows, identity.cols, version.length);
  if (bytes.length !== layout.sizeBytes) return null;
  const { buffer } = bytes.slice(); // aligned, whatever view it came as
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  if (header[0] !== MAGIC || header[2] !== identity.rows || header[3] !== identity.cols || header[4] !== version.length) return null;
  const stored = new Uint8Array(buffer, HEADER_WORDS * 4, version.length);
  if (version.some((byte, i) => stored[i] !== byte)) return null;
  if (header[1] !== crc32(new Uint8Array(buffer, 8))) return null;
  const s = new Float32Array(buffer.slice(layout.s, layout.s + 4 * layout.sLength));
  if (!fallsToZeroOrAbove(s)) return null;
  return {
    u: new Float32Array(buffer.slice(layout.u, layout.u + 4 * layout.uLength)),
    s,
    vt: new Float32Array(buffer.slice(layout.vt, layout.vt + 4 * layout.vtLength)),
  };
}

function layoutOf(rows: number, cols: number, versionBytes: number) {
  const r = Math.min(rows, cols);
  const uLength = rows * r;
  const vtLength = r * cols;
  const u = HEADER_WORDS * 4 + Math.ceil(versionBytes / 4) * 4;
  const s = u + 4 * uLength;
  const vt = s + 4 * r;
  return { u, s, vt, uLength, sLength: r, vtLength, sizeBytes: vt + 4 * vtLength };
}

function fallsToZeroOrAbove(s: Float32Array): boolean {
  let before = Infinity;
  for (const value of s) {
    if (!(value >= 0 && value <= before && value < Infinity)) return false;
    before = value;
  }
  return true;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as in zlib and ISO 3309 (reflected polynomial 0xEDB88320). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
