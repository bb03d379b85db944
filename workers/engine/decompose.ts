/**
 * Stage 1 of the method, one matrix after another: τ = θ_lrm − θ_base in float32, thin SVD, or the factors from the cache. A
 * cache entry is named by the SHA-256 of τ itself, so it is right whatever the files are called.
 */
import { StudioError, toStudioError } from '../../src/core/errors.ts';
import { measureSpectrum } from '../../src/core/spectrum/measures.ts';
import type { OpenEvent } from '../../src/protocol/events.ts';
import type { GateLayout } from '../../src/core/gates/field.ts';
import type { Role, SlotInfo } from '../../src/protocol/session.ts';
import { checkCancelled } from '../distill/cancel.ts';
import type { Checkpoint, FactorCache } from '../io/contract.ts';
import { sha256Hex } from '../io/hash.ts';
import { decodeFactors, encodeFactors } from '../kernels/svd/cache.ts';
import type { ThinSvd } from '../kernels/svd/contract.ts';
import { checkSvdMemory } from '../kernels/svd/memory.ts';
import { releaseSimd } from '../kernels/svd/simd.ts';
import { kernelVersion, svdFlops, thinSvd } from '../kernels/svd/svd.ts';
import type { SlotFactors } from '../merge/factors.ts';
import { breathe } from '../nn/breathe.ts';
import { progressMeter } from './progressMeter.ts';

/** Factors are held in memory for the session; browsers give a page about this much. */
const maxFactorBytes = 3 * 2 ** 30;

export async function decompose(
  checkpoints: Readonly<Record<Role, Checkpoint>>,
  slots: readonly SlotInfo[],
  layout: GateLayout,
  cache: FactorCache,
  onEvent: (event: OpenEvent) => void,
  signal: AbortSignal,
): Promise<SlotFactors[]> {
  const bytes = slots.reduce((sum, { shape: [rows, columns], rank }) => sum + 4 * rank * (rows + columns + 1), 0);
  if (bytes > maxFactorBytes) {
    const gigabytes = (bytes / 2 ** 30).toFixed(1);
    throw new StudioError('memory', `The factors of these models need ${gigabytes} GiB; the studio holds up to ${maxFactorBytes / 2 ** 30} GiB. Choose smaller models.`, { details: { value: bytes } });
  }
  for (const { shape: [rows, columns] } of slots) checkSvdMemory(rows, columns);
  const flops = slots.map(({ shape: [rows, columns] }) => svdFlops(rows, columns));
  const allFlops = flops.reduce((sum, f) => sum + f, 0);
  const report = progressMeter({ stage: 'Decomposing layers', total: slots.length, unit: 'matrices' }, (progress) => onEvent({ type: 'progress', progress }));
  const factors: SlotFactors[] = [];
  let doneFlops = 0;
  report(0);
  try {
    for (const [index, slot] of slots.entries()) {
      checkCancelled(signal);
      const [rows, columns] = slot.shape;
      const tau = await taskVector(checkpoints, slot, signal);
      const { svd, cached } = await factorise(tau, slot, cache);
      factors.push({ id: slot.id, rows, columns, rank: slot.rank, offset: layout.slots[index]?.offset ?? 0, u: svd.u, s: svd.s, vt: svd.vt });
      onEvent({ type: 'spectrum', spectrum: { slot: index, singularValues: svd.s.slice(), measures: measureSpectrum(svd.s, rows, columns), cached } });
      doneFlops += flops[index] ?? 0;
      report(index + 1, doneFlops / allFlops);
      await breathe(signal);
    }
  } finally {
    releaseSimd();
  }
  return factors;
}

/** θ_lrm − θ_base, float32, row-major. */
async function taskVector({ base, lrm }: Readonly<Record<Role, Checkpoint>>, { tensors }: SlotInfo, signal: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
  const tau = Float32Array.from(await lrm.readFloat32(tensors.lrm, signal));
  const origin = await base.readFloat32(tensors.base, signal);
  for (let i = 0; i < tau.length; i++) tau[i] = (tau[i] as number) - (origin[i] as number);
  return tau;
}

async function factorise(tau: Float32Array<ArrayBuffer>, slot: SlotInfo, cache: FactorCache): Promise<{ svd: ThinSvd; cached: boolean }> {
  const [rows, cols] = slot.shape;
  const identity = { rows, cols, kernelVersion };
  const hash = await sha256Hex(new Uint8Array(tau.buffer));
  const key = `${hash}-f32-${rows}x${cols}-${kernelVersion}`;
  const stored = await cache.get(key);
  const found = stored && decodeFactors(stored, identity);
  if (found) return { svd: found, cached: true };
  try {
    const svd = thinSvd(tau, rows, cols);
    await cache.put(key, encodeFactors(svd, identity));
    return { svd, cached: false };
  } catch (thrown) {
    const error = toStudioError(thrown);
    const message = `The difference between ${slot.tensors.lrm} (LRM) and ${slot.tensors.base} (base) cannot be decomposed: ${error.message}`;
    throw new StudioError(error.code, message, { retryable: error.retryable, details: { ...error.details, tensor: slot.tensors.lrm }, cause: thrown });
  }
}
