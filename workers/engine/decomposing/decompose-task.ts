/**
 * One matrix of a trio as the pool gets it: what is read of the files, how much memory the reading and the
 * decomposition take, and what an error calls the matrix. τ is the difference of two stored tensors. For an
 * adapter it is the product of the adapter's factors, and the base is not read.
 */
import type { Role } from '../../../core/family/trio.ts';
import { StudioError } from '../../../core/errors.ts';
import { isDtype } from '../../../core/safetensors/dtype.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import {
  checkSvdMemory,
  maxSvdBytes,
  productPeakBytes,
  sketchWorkingBytes,
  svdPeakBytes,
} from '../../kernels/svd/memory.ts';
import type { StoredTensor, SvdTask, TaskVector } from '../../pool/contract.ts';
import type { PoolTask } from '../../pool/svd-pool.ts';
import { previewOversampling, previewRank } from './decompose-plan.ts';

type Checkpoints = Readonly<Record<Role, Checkpoint>>;

/** Throws `memory` where a matrix of the trio is too large to be decomposed at all. */
export function checkMemory({ lrm }: Checkpoints, slots: readonly SlotInfo[]): void {
  for (const slot of slots)
    for (const [rows, columns] of decomposed(lrm, slot)) checkSvdMemory(rows, columns);
}

export function isTooLarge({ lrm }: Checkpoints, slot: SlotInfo): boolean {
  return decomposed(lrm, slot).some(([rows, columns]) => svdPeakBytes(rows, columns) > maxSvdBytes);
}

/** What a worker holds at most while it decomposes a slot with the kernel. */
export function taskPeakBytes(checkpoints: Checkpoints, slot: SlotInfo): number {
  return sizesOf(checkpoints, slot, null).peakBytes;
}

/** The matrices that the kernel is given for a slot. */
function decomposed(
  lrm: Checkpoint,
  { shape: [rows, columns], tensors }: SlotInfo,
): (readonly [number, number])[] {
  const inner = lrm.adapted?.get(tensors.lrm)?.rank;
  return inner === undefined
    ? [[rows, columns]]
    : [
        [rows, inner],
        [inner, columns],
      ];
}

/**
 * @param key of its cache entry, where an earlier look found it out
 * @param called what a message calls the matrix, where it is no task vector of the LRM
 */
export function poolTask(
  checkpoints: Checkpoints,
  slot: SlotInfo,
  task: () => SvdTask,
  key: string | null,
  done: PoolTask['done'],
  called: string | null = null,
): PoolTask {
  const { base, lrm } = checkpoints;
  const {
    tensors,
    shape: [rows, cols],
  } = slot;
  const inner = lrm.adapted?.get(tensors.lrm)?.rank;
  const what =
    called ??
    (inner === undefined
      ? `The difference between ${tensors.lrm} (LRM) and ${tensors.base} (base)`
      : `What the adapter makes of ${tensors.lrm}, B·A,`);
  return {
    label: tensors.lrm,
    ...sizesOf(checkpoints, slot, task()),
    async load(signal) {
      return {
        rows,
        cols,
        tau:
          inner === undefined
            ? await difference(base, lrm, tensors, signal)
            : await product(lrm, tensors.lrm, signal),
        key,
      };
    },
    task,
    done,
    explain: ({ code, message, retryable, details }) =>
      new StudioError(code, `${what} cannot be decomposed: ${message}`, {
        retryable,
        details: { ...details, tensor: tensors.lrm },
      }),
  };
}

type Sizes = Pick<PoolTask, 'inputBytes' | 'peakBytes'>;

/** @param planned null: a decomposition by the kernel */
function sizesOf(
  { base, lrm }: Checkpoints,
  { tensors, shape: [rows, cols] }: SlotInfo,
  planned: SvdTask | null,
): Sizes {
  const inner = lrm.adapted?.get(tensors.lrm)?.rank;
  if (inner !== undefined) {
    const inputBytes = 4 * inner * (rows + cols);
    return { inputBytes, peakBytes: inputBytes + productPeakBytes(rows, inner, cols) };
  }
  const inputBytes =
    (base.tensors.get(tensors.base)?.sizeBytes ?? 0) + (lrm.tensors.get(tensors.lrm)?.sizeBytes ?? 0);
  const kernelBytes =
    planned?.kind === 'look'
      ? sketchWorkingBytes(rows, cols, previewRank + previewOversampling)
      : svdPeakBytes(rows, cols);
  // What is on its way to the device and back.
  const asideBytes = planned?.kind === 'decompose' && planned.onDevice ? 8 * rows * cols : 0;
  // Both tensors widened, τ being one of them, beside what the kernel needs.
  return { inputBytes, peakBytes: inputBytes + 8 * rows * cols + kernelBytes + asideBytes };
}

async function difference(
  base: Checkpoint,
  lrm: Checkpoint,
  tensors: SlotInfo['tensors'],
  signal: AbortSignal,
): Promise<TaskVector> {
  const [ofBase, ofLrm] = await Promise.all([
    storedTensor(base, tensors.base, signal),
    storedTensor(lrm, tensors.lrm, signal),
  ]);
  return { kind: 'difference', base: ofBase, lrm: ofLrm };
}

/** The factors are moved to the worker, as stored tensors are, so they belong to nobody else. */
async function product(lrm: Checkpoint, tensor: string, signal: AbortSignal): Promise<TaskVector> {
  const factors = await lrm.lowRank?.(tensor, signal);
  if (!factors)
    throw new StudioError('internal', `The adapter ${lrm.label} has no factors for ${tensor}.`, {
      details: { tensor },
    });
  const own = (values: Float32Array<ArrayBuffer>) =>
    values.byteLength === values.buffer.byteLength ? values : values.slice();
  return { kind: 'product', factors: { ...factors, b: own(factors.b), a: own(factors.a) } };
}

/** Its bytes are moved to a worker, so they must be nobody else's. */
async function storedTensor(
  checkpoint: Checkpoint,
  name: string,
  signal: AbortSignal,
): Promise<StoredTensor> {
  const bytes = await checkpoint.readRaw(name, signal);
  const { dtype = '' } = checkpoint.tensors.get(name) ?? {};
  if (!isDtype(dtype))
    throw new StudioError('unsupported', `${name} has the element type ${dtype}, which cannot be read.`, {
      details: { tensor: name, value: dtype },
    });
  return { dtype, bytes: bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice() };
}
