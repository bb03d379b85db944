/** SHA-256 of bytes and of checkpoints, as lower-case hex. */
import type { Checkpoint, LowRank, TensorEntry } from './contract.ts';

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const digest = await crypto.subtle.digest(
    'SHA-256',
    typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
  );
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Looks at a tensor's stored bytes, all at once, and keeps none of them.
 */
type Look = (entry: TensorEntry, bytes: Uint8Array<ArrayBuffer>) => void;

/**
 * The hash of one tensor's dtype, shape and stored bytes. Its name is left out, so that the same weights have
 * the same hash in every family. A tensor that an adapter changes has the hash of the change, by the
 * adapter's factors.
 * @param look gets the bytes that are hashed, for whoever wants to see them without reading them again
 */
export async function hashTensor(
  checkpoint: Checkpoint,
  name: string,
  signal?: AbortSignal,
  look?: Look,
): Promise<string> {
  const low = await checkpoint.lowRank?.(name, signal);
  if (low) return hashLowRank(low);
  const bytes = await checkpoint.readRaw(name, signal);
  const entry = checkpoint.tensors.get(name);
  if (entry) look?.(entry, bytes);
  return sha256Hex(`${entry?.dtype} ${entry?.shape.join('x')} ${await sha256Hex(bytes)}`);
}

/**
 * The hash of scale · B · A, which is made of the scale and of both factors in float32, so that the type in
 * which they are stored does not matter.
 */
export async function hashLowRank({ b, a, rank, scale }: LowRank): Promise<string> {
  const [ofB, ofA] = await Promise.all(
    [b, a].map(({ buffer, byteOffset, byteLength }) =>
      sha256Hex(new Uint8Array(buffer, byteOffset, byteLength)),
    ),
  );
  return sha256Hex(`${scale} x B ${ofB} x A ${ofA}, rank ${rank}`);
}

/**
 * The hash of a checkpoint: of all its tensors, of those that an adapter changes, or of those that are named.
 * It is the hash of the sorted lines "name hash", so that shards and order do not matter. One tensor is in
 * memory at a time; the whole is read once.
 */
export async function hashCheckpoint(
  checkpoint: Checkpoint,
  names: Iterable<string> = checkpoint.adapted
    ? [...checkpoint.adapted.keys(), ...(checkpoint.replaced ?? [])]
    : checkpoint.tensors.keys(),
  signal?: AbortSignal,
  look?: Look,
): Promise<string> {
  const lines: string[] = [];
  for (const name of [...names].sort())
    lines.push(`${name} ${await hashTensor(checkpoint, name, signal, look)}\n`);
  return sha256Hex(lines.join(''));
}
