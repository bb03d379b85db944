/**
 * ‖τ‖²_F of the layers that pair and are not open, summed over them: with the energy of the open layers it is what
 * L_inject is divided by, so that α means the same whichever layers are open. Neither a decomposition nor memory
 * for a matrix is needed, but the weights of base and reasoning model are read once, of an adapter its factors.
 */
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype } from '../../../core/safetensors/dtype.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { TeachingJob } from '../../distill/terms/term.ts';
import type { Checkpoint, LowRank } from '../../io/contract.ts';
import { allFinite, requireFinite } from '../../merge/finite.ts';
import { breathe } from '../../nn/breathe.ts';
import type { PerRole } from '../roles.ts';

const pieceElements = 2 ** 20;

/** Computed when it is first asked for, once a session. */
export class OutsideEnergy {
  readonly #checkpoints: PerRole<Checkpoint>;
  readonly #slots: readonly SlotInfo[];
  #known: number | null = null;

  /** @param slots those that pair and are not open */
  constructor(checkpoints: PerRole<Checkpoint>, slots: readonly SlotInfo[]) {
    this.#checkpoints = checkpoints;
    this.#slots = slots;
  }

  /** Float64; 0 where all layers are open. Throws `bad-file` where a weight is not finite. */
  async of({ onDone, signal }: Pick<TeachingJob, 'onDone' | 'signal'>): Promise<number> {
    if (this.#known !== null) return this.#known;
    const total = this.#slots.reduce((sum, slot) => sum + this.#bytesOf(slot), 0);
    let [energy, done] = [0, 0];
    for (const slot of this.#slots) {
      await breathe(signal);
      energy += await this.#energyOf(slot, signal);
      onDone('Measuring the layers that are not open', (done += this.#bytesOf(slot)), total, 'bytes');
    }
    return (this.#known = energy);
  }

  #bytesOf({ tensors }: SlotInfo): number {
    const { base, lrm } = this.#checkpoints;
    const adapted = lrm.adapted?.get(tensors.lrm);
    return (
      adapted?.sizeBytes ??
      (base.tensors.get(tensors.base)?.sizeBytes ?? 0) + (lrm.tensors.get(tensors.lrm)?.sizeBytes ?? 0)
    );
  }

  async #energyOf({ tensors, shape: [rows, columns] }: SlotInfo, signal: AbortSignal): Promise<number> {
    const { base, lrm } = this.#checkpoints;
    const low = await lrm.lowRank?.(tensors.lrm, signal);
    if (low) return productEnergy(low);
    let energy = 0;
    for (let at = 0; at < rows * columns; at += pieceElements) {
      const end = Math.min(rows * columns, at + pieceElements);
      const [tuned, origin] = await Promise.all([
        floats(lrm, tensors.lrm, at, end, signal),
        floats(base, tensors.base, at, end, signal),
      ]);
      if (!allFinite(tuned)) await requireFinite('lrm', { checkpoint: lrm, tensor: tensors.lrm }, signal);
      if (!allFinite(origin)) await requireFinite('base', { checkpoint: base, tensor: tensors.base }, signal);
      for (let i = 0; i < tuned.length; i++) {
        const tau = Math.fround((tuned[i] as number) - (origin[i] as number));
        energy += tau * tau;
      }
    }
    return energy;
  }
}

async function floats(checkpoint: Checkpoint, name: string, begin: number, end: number, signal: AbortSignal) {
  const dtype = checkpoint.tensors.get(name)?.dtype ?? '';
  if (!isFloatDtype(dtype)) return new Float32Array(end - begin);
  const size = dtypeBytes[dtype];
  return decodeFloat32(dtype, await checkpoint.readRange(name, begin * size, end * size, signal));
}

/** ‖s·B·A‖²_F = s² Σ_kl (BᵀB)_kl (AAᵀ)_kl, without making the product. B [m, r], A [r, n]. */
export function productEnergy({ a, b, rank, scale }: LowRank): number {
  const [rows, columns] = [b.length / rank, a.length / rank];
  let energy = 0;
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l <= k; l++) {
      let [ofB, ofA] = [0, 0];
      for (let row = 0; row < rows; row++)
        ofB += (b[row * rank + k] as number) * (b[row * rank + l] as number);
      for (let column = 0; column < columns; column++)
        ofA += (a[k * columns + column] as number) * (a[l * columns + column] as number);
      energy += (k === l ? 1 : 2) * ofB * ofA;
    }
  }
  return scale * scale * energy;
}
