/** The recipe of the session's current gates: what an export carries, so that it can be made again and understood. */
import { version } from '../../package.json';
import { encodeRecipe } from '../../src/core/recipe/encode.ts';
import type { GateField } from '../../src/core/gates/field.ts';
import type { DistillOptions, Role } from '../../src/protocol/session.ts';
import { hashCheckpoint, sha256Hex } from '../io/hash.ts';
import type { SlotFactors } from '../merge/factors.ts';
import type { OpenSession } from './openSession.ts';

/** Reads all three checkpoints once, for their hashes. */
export async function sessionRecipe(session: OpenSession, field: GateField, options: DistillOptions, onDone: (models: number) => void, signal: AbortSignal): Promise<string> {
  const inputs = {} as Record<Role, { label: string; architecture: string; sha256: string }>;
  for (const [i, role] of (['base', 'vlm', 'lrm'] as const).entries()) {
    const { label, architecture } = session.facts.models[role];
    inputs[role] = { label, architecture, sha256: await hashCheckpoint(session.checkpoints[role], undefined, signal) };
    onDone(i + 1);
  }
  const slots = [];
  const { layout } = session.facts;
  for (const [index, { id, rank, gates: count, offset }] of layout.slots.entries()) {
    const factors = await session.factors.read(index, signal);
    slots.push({ id, rank, gates: field.values.slice(offset, offset + count), locks: field.locks.slice(offset, offset + count), factors: await hashFactors(factors) });
  }
  // Gates set by hand may lie above the options' maximum; a recipe whose gates break its own bound could not be read.
  const gateMax = field.values.reduce((most, gate) => Math.max(most, gate), options.gateMax);
  return encodeRecipe({ studio: version, method: 'frism', inputs, options: { ...options, gateMax }, kernel: session.factors.kernel, step: session.training.steps, budget: layout.budget, slots, metrics: [] });
}

/** SHA-256 of U, S and Vᵀ, float32, row-major, one after another. */
function hashFactors({ u, s, vt }: SlotFactors): Promise<string> {
  const all = new Float32Array(u.length + s.length + vt.length);
  all.set(u);
  all.set(s, u.length);
  all.set(vt, u.length + s.length);
  return sha256Hex(new Uint8Array(all.buffer));
}
