/**
 * What an open trio is by its bytes: a hash of every model and of every layer's factors. Reads all of them
 * once.
 */
import { roles, type Role } from '../../../core/family/trio.ts';
import type { TrioIdentity } from '../../../core/recipe/compare.ts';
import type { Progress } from '../../../protocol/events.ts';
import { hashCheckpoint, sha256Hex } from '../../io/hash.ts';
import type { SlotFactors } from '../../merge/factors.ts';
import { breathe } from '../../nn/breathe.ts';
import type { OpenSession } from './open-session.ts';
import { progressMeter } from '../progress-meter.ts';

export async function trioIdentity(
  { checkpoints, factors }: OpenSession,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<TrioIdentity> {
  const hashing = progressMeter(
    { stage: 'Hashing the models', total: roles.length, unit: 'items' },
    onProgress,
  );
  const inputs = {} as Record<Role, string>;
  hashing(0);
  for (const [i, role] of roles.entries()) {
    inputs[role] = await hashCheckpoint(checkpoints[role], undefined, signal);
    hashing(i + 1);
  }
  const report = progressMeter(
    { stage: 'Hashing the factors', total: factors.slots.length, unit: 'matrices' },
    onProgress,
  );
  const hashes: string[] = [];
  for (const index of factors.slots.keys()) {
    await breathe(signal);
    hashes.push(await hashFactors(await factors.read(index, signal)));
    report(index + 1);
  }
  return { kernel: factors.kernel, inputs, factors: hashes };
}

/** SHA-256 of U, S and Vᵀ, float32, row-major, one after another. */
function hashFactors({ u, s, vt }: SlotFactors): Promise<string> {
  const all = new Float32Array(u.length + s.length + vt.length);
  all.set(u);
  all.set(s, u.length);
  all.set(vt, u.length + s.length);
  return sha256Hex(new Uint8Array(all.buffer));
}
