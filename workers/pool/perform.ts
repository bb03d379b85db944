/** What a worker does with a request: hash, look into the cache, and if need be decompose and store. */
import { decodeFloat32 } from '../../src/core/safetensors/decode.ts';
import type { FactorCache } from '../io/contract.ts';
import { sha256Hex } from '../io/hash.ts';
import { decodeFactors, decodeHead, encodeFactors, entrySize, type FactorIdentity } from '../kernels/svd/cache.ts';
import { svdWorkingBytes } from '../kernels/svd/memory.ts';
import { randomisedTopK } from '../kernels/svd/randomised.ts';
import { releaseSimd } from '../kernels/svd/simd.ts';
import { kernelVersion, thinSvd } from '../kernels/svd/svd.ts';
import type { StoredTensor, SvdOutcome, SvdRequest } from './contract.ts';

/** WebAssembly memory does not shrink: above this the kernel's is given back after a decomposition. */
const keptBytes = 256 * 2 ** 20;
const previewSeed = 1;

export async function perform(request: SvdRequest, cache: FactorCache | null): Promise<SvdOutcome> {
  const { rows, cols, task } = request;
  const identity = { rows, cols, kernelVersion };
  const key = request.key ?? (await factorKey(request, kernelVersion));
  const found = cache && (task.kind === 'look' || task.lookUp) ? await lookUp(cache, key, identity, task.kind === 'decompose' && task.wantFactors) : null;
  if (found) return found;

  const tau = taskVector(request);
  if (task.kind === 'look') {
    const { s } = randomisedTopK(tau, rows, cols, Math.min(task.preview, rows, cols), previewSeed);
    return { kind: 'preview', key, s, frobenius: Math.sqrt(tau.reduce((sum, value) => sum + value * value, 0)) };
  }
  const begunMs = performance.now();
  const svd = thinSvd(tau, rows, cols);
  if (svdWorkingBytes(rows, cols) > keptBytes) releaseSimd();
  const computeMs = performance.now() - begunMs;
  const put = task.mayStore && cache !== null && (await cache.put(key, encodeFactors(svd, identity)));
  const stored = put && cache.lasting;
  const vectors = stored && !task.wantFactors ? null : { u: svd.u, vt: svd.vt };
  return { kind: 'exact', key, s: svd.s, cached: false, stored, vectors, computeMs };
}

/**
 * Names the factors by what they are made of: the stored bytes of both tensors, their element types, the shape and the kernel. τ is
 * a function of these, so equal keys mean equal factors, as a hash of τ itself would; but the stored bytes are half as long (bfloat16)
 * and need not be widened and subtracted to find an entry. The converse does not hold, and need not: two pairs with the same
 * difference have two entries.
 */
export async function factorKey({ rows, cols, base, lrm }: Pick<SvdRequest, 'rows' | 'cols' | 'base' | 'lrm'>, kernel: string): Promise<string> {
  const [ofBase, ofLrm] = await Promise.all([sha256Hex(base.bytes), sha256Hex(lrm.bytes)]);
  return sha256Hex(`lrm ${lrm.dtype} ${ofLrm} base ${base.dtype} ${ofBase} ${rows}x${cols} ${kernel}`);
}

async function lookUp(cache: FactorCache, key: string, identity: FactorIdentity, wantFactors: boolean): Promise<SvdOutcome | null> {
  const { headBytes } = entrySize(identity);
  const head = await cache.head(key, headBytes);
  const s = head && decodeHead(head.bytes, head.sizeBytes, identity);
  if (!s) return null;
  const read = { kind: 'exact', key, cached: true, stored: cache.lasting, computeMs: 0 } as const;
  if (cache.lasting && !wantFactors) return { ...read, s, vectors: null };
  const entry = await cache.get(key);
  const factors = entry && decodeFactors(entry, identity);
  // Copies: views of the entry would move it as a whole, and both of them move.
  return factors && { ...read, s, vectors: { u: factors.u.slice(), vt: factors.vt.slice() } };
}

/** θ_lrm − θ_base, float32, row-major. */
function taskVector({ base, lrm }: SvdRequest): Float32Array<ArrayBuffer> {
  const tau = widen(lrm);
  const origin = widen(base);
  for (let i = 0; i < tau.length; i++) tau[i] = (tau[i] as number) - (origin[i] as number);
  return tau;
}

/** May share memory with the bytes, which are ours. */
const widen = ({ dtype, bytes }: StoredTensor): Float32Array<ArrayBuffer> => decodeFloat32(dtype, bytes);
