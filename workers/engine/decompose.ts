/**
 * Stage 1 of the method, one matrix after another: τ = θ_lrm − θ_base in float32, thin SVD, or the factors from the cache. A
 * cache entry is named by the SHA-256 of τ itself, so it is right whatever the files are called.
 */
import { StudioError, toStudioError } from '../../src/core/errors.ts';
import { measureSpectrum } from '../../src/core/spectrum/measures.ts';
import type { OpenEvent } from '../../src/protocol/events.ts';
import type { Role, SlotInfo } from '../../src/protocol/session.ts';
import { checkCancelled } from '../distill/cancel.ts';
import type { Checkpoint, FactorCache } from '../io/contract.ts';
import { sha256Hex } from '../io/hash.ts';
import { decodeFactors, encodeFactors } from '../kernels/svd/cache.ts';
import type { ThinSvd } from '../kernels/svd/contract.ts';
import { checkSvdMemory } from '../kernels/svd/memory.ts';
import { releaseSimd } from '../kernels/svd/simd.ts';
import { kernelVersion, svdFlops, thinSvd } from '../kernels/svd/svd.ts';
import type { FactorStore } from '../merge/factors.ts';
import { breathe } from '../nn/breathe.ts';
import { createFactorStore, HeldBytes, type StoredFactors } from './factorStore.ts';
import { progressMeter } from './progressMeter.ts';

export async function decompose(
  checkpoints: Readonly<Record<Role, Checkpoint>>,
  slots: readonly SlotInfo[],
  cache: FactorCache,
  onEvent: (event: OpenEvent) => void,
  signal: AbortSignal,
): Promise<FactorStore> {
  for (const { shape: [rows, columns] } of slots) checkSvdMemory(rows, columns);
  const flops = slots.map(({ shape: [rows, columns] }) => svdFlops(rows, columns));
  const allFlops = flops.reduce((sum, f) => sum + f, 0);
  const report = progressMeter({ stage: 'Decomposing layers', total: slots.length, unit: 'matrices' }, (progress) => onEvent({ type: 'progress', progress }));
  const all: StoredFactors[] = [];
  const heldBytes = new HeldBytes();
  let doneFlops = 0;
  report(0);
  try {
    for (const [index, slot] of slots.entries()) {
      checkCancelled(signal);
      const [rows, columns] = slot.shape;
      const { svd, key, stored, cached } = await factorise(checkpoints, slot, cache, signal);
      if (!stored) heldBytes.add(svd);
      const facts = { id: slot.id, rows, columns, rank: slot.rank, s: svd.s };
      all.push({ facts, key, held: stored ? null : svd });
      onEvent({ type: 'spectrum', spectrum: { slot: index, singularValues: svd.s.slice(), measures: measureSpectrum(svd.s, rows, columns), cached } });
      doneFlops += flops[index] ?? 0;
      report(index + 1, doneFlops / allFlops);
      await breathe(signal);
    }
  } finally {
    releaseSimd();
  }
  return createFactorStore(all, cache, async (index, again) => {
    try {
      return await factorise(checkpoints, slots[index] as SlotInfo, cache, again);
    } finally {
      releaseSimd();
    }
  });
}

/** θ_lrm − θ_base, float32, row-major. */
async function taskVector({ base, lrm }: Readonly<Record<Role, Checkpoint>>, { tensors }: SlotInfo, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
  const tau = Float32Array.from(await lrm.readFloat32(tensors.lrm, signal));
  const origin = await base.readFloat32(tensors.base, signal);
  for (let i = 0; i < tau.length; i++) tau[i] = (tau[i] as number) - (origin[i] as number);
  return tau;
}

interface Factorised {
  readonly svd: ThinSvd;
  readonly key: string;
  /** The cache keeps them, so that nobody else must. */
  readonly stored: boolean;
  /** It was there already. */
  readonly cached: boolean;
}

async function factorise(checkpoints: Readonly<Record<Role, Checkpoint>>, slot: SlotInfo, cache: FactorCache, signal: AbortSignal): Promise<Factorised> {
  const tau = await taskVector(checkpoints, slot, signal);
  const [rows, cols] = slot.shape;
  const identity = { rows, cols, kernelVersion };
  const hash = await sha256Hex(new Uint8Array(tau.buffer));
  const key = `${hash}-f32-${rows}x${cols}-${kernelVersion}`;
  const entry = await cache.get(key);
  const found = entry && decodeFactors(entry, identity);
  if (found) return { svd: found, key, stored: cache.lasting, cached: true };
  try {
    const svd = thinSvd(tau, rows, cols);
    return { svd, key, stored: (await cache.put(key, encodeFactors(svd, identity))) && cache.lasting, cached: false };
  } catch (thrown) {
    const error = toStudioError(thrown);
    const message = `The difference between ${slot.tensors.lrm} (LRM) and ${slot.tensors.base} (base) cannot be decomposed: ${error.message}`;
    throw new StudioError(error.code, message, { retryable: error.retryable, details: { ...error.details, tensor: slot.tensors.lrm }, cause: thrown });
  }
}
