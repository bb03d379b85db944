/**
 * Stage 1 of the method: the thin SVD of τ = θ_lrm − θ_base for each layer, by a pool of workers or from the
 * cache. The τ of an adapter is decomposed through the adapter's factors, so that it has no more subspaces
 * than the factors have.
 *
 * Files at hand are gone through twice. First every matrix is looked at, in the model's order: it is found in
 * the cache, or it is small and decomposed at once, or a preview of its spectrum is made. Then what is
 * missing is decomposed, the largest first. Files that are read over a network are read once, the largest
 * matrices first.
 */
import type { Role } from '../../../core/family/trio.ts';
import { StudioError } from '../../../core/errors.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint, FactorCache } from '../../io/contract.ts';
import type { DeviceVisits } from '../../kernels/svdgpu/visits.ts';
import { requireFinite } from '../../merge/finite.ts';
import type { FactorStore } from '../../merge/factors.ts';
import type { SvdOutcome, SvdTask, SvdWorkerLike } from '../../pool/contract.ts';
import { inProcessWorker } from '../../pool/in-process.ts';
import type { PauseSwitch } from '../../pool/pause-switch.ts';
import { SvdPool, type PoolTask } from '../../pool/svd-pool.ts';
import { firstLook, largestFirst, previewRank, staysWithKernel } from './decompose-plan.ts';
import { checkMemory, poolTask } from './decompose-task.ts';
import { Decomposition } from './decomposition.ts';
import { createFactorStore } from './factor-store.ts';

/** What decompositions may take together, beside the engine itself. */
export const poolBudgetBytes = 2 * 2 ** 30;
/** Looks wait for hashing and storage: a few at once keep a worker's processor busy. */
const looksPerWorker = 3;
/** With a device, a worker solves the eigenproblem of one matrix while another is there. */
const perWorkerWithDevice = 2;

/** Where decompositions are done. */
export interface SvdWorkers {
  /** Starts a worker. Null decomposes in this thread, one matrix after another. */
  readonly spawn: ((device: DeviceVisits | null) => SvdWorkerLike) | null;
  readonly count: number;
  readonly device?: SvdDevice | undefined;
}

/** The engine's device, for the matrix products of decompositions. */
export interface SvdDevice {
  /** Whether it is there and worth a visit; asked before each matrix. */
  fit(): boolean;
  visits(signal: AbortSignal): DeviceVisits;
}

export interface DecomposeParts {
  readonly checkpoints: Readonly<Record<Role, Checkpoint>>;
  readonly slots: readonly SlotInfo[];
  readonly cache: FactorCache;
  readonly workers: SvdWorkers;
  /** Cache entries that must stay although this does not use them. */
  readonly keep?: ReadonlySet<string> | undefined;
  readonly onEvent: (event: OpenEvent) => void;
  readonly signal: AbortSignal;
  readonly pause?: PauseSwitch | undefined;
}

export async function decompose({
  checkpoints,
  slots,
  cache,
  workers,
  keep = new Set(),
  onEvent,
  signal,
  pause,
}: DecomposeParts): Promise<FactorStore> {
  checkMemory(checkpoints, slots);
  const pool = poolOf(workers, cache, signal);
  const progress = new Decomposition({ slots, cache, keep, workers: pool.workers, onEvent });
  const deviceFit = (): boolean => workers.device?.fit() ?? false;
  const decomposeTask = (index: number) => (): SvdTask => {
    const onDevice = deviceFit() && !staysWithKernel(slots[index] as SlotInfo);
    return { kind: 'decompose', lookUp: true, mayStore: progress.mayStore, wantFactors: false, onDevice };
  };
  const all = [...slots.keys()];
  const perWorker = deviceFit() ? perWorkerWithDevice : 1;
  const task = (
    index: number,
    what: () => SvdTask,
    done: PoolTask['done'],
    key: string | null = null,
  ): PoolTask => poolTask(checkpoints, slots[index] as SlotInfo, what, key, done);
  try {
    // So few that all of them are due at once need no previews either, nor does an adapter, which is quickly
    // decomposed.
    if (
      checkpoints.lrm.adapted ||
      checkpoints.base.remote ||
      checkpoints.lrm.remote ||
      slots.length <= pool.workers
    ) {
      const tasks = largestFirst(slots, all).map((index) =>
        task(index, decomposeTask(index), (outcome) => progress.decomposed([index], outcome)),
      );
      await pool.run(tasks, { signal, pause, perWorker });
    } else {
      const first = all.map((index) => {
        const preview = firstLook(slots[index] as SlotInfo) === 'preview';
        const lookTask: SvdTask = { kind: 'look', preview: previewRank };
        return task(index, preview ? () => lookTask : decomposeTask(index), (outcome) =>
          progress.looked(index, outcome),
        );
      });
      await pool.run(first, { signal, pause, perWorker: looksPerWorker });
      const missing = new Map(
        [...progress.alike].map(([key, indices]) => [indices[0] as number, { key, indices }]),
      );
      const rest = largestFirst(slots, [...missing.keys()]).map((index) => {
        const { key, indices } = missing.get(index) ?? { key: null, indices: [index] };
        return task(index, decomposeTask(index), (outcome) => progress.decomposed(indices, outcome), key);
      });
      await pool.run(rest, { signal, pause, perWorker });
    }
  } catch (thrown) {
    throw await cause(thrown, checkpoints, slots, signal);
  } finally {
    pool.close();
  }
  const results = progress.results();
  await cache.used(results.map(({ key }) => key));
  return createFactorStore(results, cache, (index, reading) =>
    decomposeOne({ checkpoints, slot: slots[index] as SlotInfo, cache, workers }, reading),
  );
}

/** A fault of values that are not finite says whose they are; any other stays as it is. */
async function cause(
  thrown: unknown,
  { base, lrm }: DecomposeParts['checkpoints'],
  slots: readonly SlotInfo[],
  signal: AbortSignal,
): Promise<unknown> {
  if (!(thrown instanceof StudioError) || thrown.code !== 'bad-file') return thrown;
  const tensors = slots.find(({ tensors }) => tensors.lrm === thrown.details.tensor)?.tensors;
  if (!tensors) return thrown;
  try {
    await requireFinite('base', { checkpoint: base, tensor: tensors.base }, signal);
    await requireFinite('lrm', { checkpoint: lrm, tensor: tensors.lrm }, signal);
  } catch (found) {
    return found instanceof StudioError ? found : thrown;
  }
  return thrown;
}

export interface OneMatrix extends Pick<DecomposeParts, 'checkpoints' | 'cache' | 'workers'> {
  readonly slot: SlotInfo;
  /** Whether an entry of the cache may be taken; otherwise it is decomposed whatever the cache says. */
  readonly lookUp?: boolean;
  /** As in `poolTask`. */
  readonly called?: string;
}

/** Decomposes one matrix and puts it into the cache. Not on the device: whoever reads factors may be holding it. */
export async function decomposeOne(
  { checkpoints, slot, cache, workers, lookUp = false, called }: OneMatrix,
  signal: AbortSignal,
) {
  const pool = poolOf({ ...workers, count: 1 }, cache, signal);
  try {
    const outcome = await new Promise<SvdOutcome>((resolve, reject) => {
      const task: SvdTask = {
        kind: 'decompose',
        lookUp,
        mayStore: true,
        wantFactors: true,
        onDevice: false,
      };
      pool.run([poolTask(checkpoints, slot, () => task, null, resolve, called)], { signal }).catch(reject);
    });
    if (outcome.kind !== 'exact' || !outcome.vectors)
      throw new StudioError('internal', `${slot.id} was decomposed without a result.`, {
        details: { tensor: slot.tensors.lrm },
      });
    return { svd: { ...outcome.vectors, s: outcome.s }, key: outcome.key, stored: outcome.stored };
  } finally {
    pool.close();
  }
}

function poolOf({ spawn, count, device }: SvdWorkers, cache: FactorCache, signal: AbortSignal): SvdPool {
  const visits = device?.visits(signal) ?? null;
  return new SvdPool({
    spawn: () => (spawn ? spawn(visits) : inProcessWorker(cache, visits)),
    workers: spawn ? count : 1,
    budgetBytes: poolBudgetBytes,
  });
}
