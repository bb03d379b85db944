/**
 * Names of cache entries, which also say what made an entry. The kernel and the device have entries of their
 * own, because their factors differ in the last bits. Either kind can be used, so both are looked for and the
 * one that is there is taken.
 */
import { hashLowRank, sha256Hex } from '../io/hash.ts';
import { productVersion } from '../kernels/svd/product.ts';
import { kernelVersion } from '../kernels/svd/svd.ts';
import { hybridVersion } from '../kernels/svdgpu/hybrid.ts';
import type { DecomposedBy } from '../../protocol/session.ts';
import type { SvdRequest } from './contract.ts';

const ofDevice = ` ${hybridVersion}`;

/**
 * Names the kernel's factors by what they are made of: the stored bytes of both tensors, their element types,
 * the shape and the kernel. τ is a function of these, so equal keys mean equal factors, as a hash of τ itself
 * would; but the stored bytes are half as long (bfloat16) and need not be widened and subtracted to find an
 * entry. The converse does not hold, and need not: two pairs with the same difference have two entries. The
 * entries of an adapter are named by its factors and their scale alone, whatever its base is.
 */
export async function factorKey({
  rows,
  cols,
  tau,
}: Pick<SvdRequest, 'rows' | 'cols' | 'tau'>): Promise<string> {
  if (tau.kind === 'product')
    return sha256Hex(
      `product ${await hashLowRank(tau.factors)} ${rows}x${cols} ${productVersion} ${kernelVersion}`,
    );
  const { base, lrm } = tau;
  const [ofBase, ofLrm] = await Promise.all([sha256Hex(base.bytes), sha256Hex(lrm.bytes)]);
  return sha256Hex(`lrm ${lrm.dtype} ${ofLrm} base ${base.dtype} ${ofBase} ${rows}x${cols} ${kernelVersion}`);
}

/** The name of the entry for the same matrix as `key`, made by the kernel or by the device. */
export const keyBy = (key: string, by: DecomposedBy): string =>
  by === 'device' ? matrixOf(key) + ofDevice : matrixOf(key);

export const madeBy = (key: string): DecomposedBy => (key.endsWith(ofDevice) ? 'device' : 'kernel');

/** The version that the header of an entry and a recipe name. */
export const versionOf = (key: string): string => (madeBy(key) === 'device' ? hybridVersion : kernelVersion);

/** Equal for entries of the same matrix. */
export const matrixOf = (key: string): string =>
  key.endsWith(ofDevice) ? key.slice(0, -ofDevice.length) : key;
