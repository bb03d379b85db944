/** What a worker does with a request: hash, look into the cache, and if need be decompose and store. */
import { StudioError } from '../../core/errors.ts';
import type { DecomposedBy } from '../../protocol/session.ts';
import type { FactorCache } from '../io/contract.ts';
import { decodeFactors, decodeHead, encodeFactors, entrySize } from '../kernels/svd/cache.ts';
import type { ThinSvd } from '../kernels/svd/contract.ts';
import { productWorkingBytes, svdWorkingBytes } from '../kernels/svd/memory.ts';
import { thinSvdOfProduct } from '../kernels/svd/product.ts';
import { randomisedTopK } from '../kernels/svd/randomised.ts';
import { releaseSimd } from '../kernels/svd/arithmetic/simd.ts';
import { thinSvd } from '../kernels/svd/svd.ts';
import { symmetricEigen } from '../kernels/svd/eigen/symmetric-eigen.ts';
import { hybridSvd } from '../kernels/svdgpu/hybrid.ts';
import type { DeviceVisits } from '../kernels/svdgpu/visits.ts';
import type { SvdOutcome, SvdRequest, TaskVector } from './contract.ts';
import { factorKey, keyBy, madeBy, versionOf } from './factor-key.ts';
import { taskVector } from './task-vector.ts';

/** WebAssembly memory does not shrink: above this the kernel's is given back after a decomposition. */
const keptBytes = 256 * 2 ** 20;
const previewSeed = 1;

/** @param device the engine's, for tasks that may use it */
export async function perform(
  request: SvdRequest,
  cache: FactorCache | null,
  device: DeviceVisits | null,
): Promise<SvdOutcome> {
  const { rows, cols, task, tau } = request;
  const found = request.key ?? (await factorKey(request));
  const read =
    cache && (task.kind === 'look' || task.lookUp)
      ? await lookUp(cache, found, request, task.kind === 'decompose' && task.wantFactors)
      : null;
  if (read) return read;

  if (task.kind === 'look') {
    if (tau.kind === 'product')
      throw new StudioError('internal', 'A product of two factors is decomposed at once, without a preview.');
    const matrix = taskVector(tau.base, tau.lrm);
    const { s } = randomisedTopK(matrix, rows, cols, Math.min(task.preview, rows, cols), previewSeed);
    return {
      kind: 'preview',
      key: found,
      s,
      frobenius: Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0)),
    };
  }
  const { svd, by, computeMs } = await decompose(tau, rows, cols, task.onDevice ? device : null);
  const workingBytes =
    tau.kind === 'product' ? productWorkingBytes(rows, tau.factors.rank, cols) : svdWorkingBytes(rows, cols);
  if (workingBytes > keptBytes) releaseSimd();
  const key = keyBy(found, by);
  const put =
    task.mayStore &&
    cache !== null &&
    (await cache.put(
      key,
      encodeFactors(svd, { rows, cols, rank: svd.s.length, kernelVersion: versionOf(key) }),
    ));
  const stored = put && cache.lasting;
  const vectors = stored && !task.wantFactors ? null : { u: svd.u, vt: svd.vt };
  return { kind: 'exact', key, s: svd.s, cached: false, stored, vectors, by, computeMs };
}

async function decompose(
  tau: TaskVector,
  rows: number,
  cols: number,
  device: DeviceVisits | null,
): Promise<{ readonly svd: ThinSvd; readonly by: DecomposedBy; readonly computeMs: number }> {
  const begunMs = performance.now();
  if (tau.kind === 'product') {
    const { b, a, rank, scale } = tau.factors;
    return {
      svd: thinSvdOfProduct(b, a, rows, rank, cols, scale),
      by: 'kernel',
      computeMs: performance.now() - begunMs,
    };
  }
  const matrix = taskVector(tau.base, tau.lrm);
  if (!device)
    return { svd: thinSvd(matrix, rows, cols), by: 'kernel', computeMs: performance.now() - begunMs };
  // While one matrix is on the device the worker is at another, so that is not its time.
  let elsewhereMs = 0;
  const waiting = async <T>(visit: Promise<T>): Promise<T> => {
    const leftMs = performance.now();
    return visit.finally(() => (elsewhereMs += performance.now() - leftMs));
  };
  const counted: DeviceVisits = {
    gram: (matrix) => waiting(device.gram(matrix)),
    longSide: (matrix, eigen) => waiting(device.longSide(matrix, eigen)),
  };
  // A worker is not cancelled but terminated.
  const svd = await hybridSvd(
    matrix,
    rows,
    cols,
    { device: counted, solveEigen: symmetricEigen, exact: thinSvd },
    new AbortController().signal,
  );
  return { svd, by: svd.by, computeMs: performance.now() - begunMs - elsewhereMs };
}

async function lookUp(
  cache: FactorCache,
  key: string,
  shape: Pick<SvdRequest, 'rows' | 'cols' | 'tau'>,
  wantFactors: boolean,
): Promise<SvdOutcome | null> {
  return (
    (await lookUpOne(cache, keyBy(key, 'kernel'), shape, wantFactors)) ??
    lookUpOne(cache, keyBy(key, 'device'), shape, wantFactors)
  );
}

async function lookUpOne(
  cache: FactorCache,
  key: string,
  { rows, cols, tau }: Pick<SvdRequest, 'rows' | 'cols' | 'tau'>,
  wantFactors: boolean,
): Promise<SvdOutcome | null> {
  const rank = Math.min(rows, cols, tau.kind === 'product' ? tau.factors.rank : Infinity);
  const identity = { rows, cols, rank, kernelVersion: versionOf(key) };
  const { headBytes } = entrySize(identity);
  const head = await cache.head(key, headBytes);
  const s = head && decodeHead(head.bytes, head.sizeBytes, identity);
  if (!s) return null;
  const read = {
    kind: 'exact',
    key,
    cached: true,
    stored: cache.lasting,
    by: madeBy(key),
    computeMs: 0,
  } as const;
  if (cache.lasting && !wantFactors) return { ...read, s, vectors: null };
  const entry = await cache.get(key);
  const factors = entry && decodeFactors(entry, identity);
  // Copies: views of the entry would move it as a whole, and both of them move.
  return factors && { ...read, s, vectors: { u: factors.u.slice(), vt: factors.vt.slice() } };
}
