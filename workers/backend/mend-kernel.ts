/** Puts a function of ours in the place of one of tfjs's kernels, and remembers tfjs's own. */
import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';

type Device = 'wasm' | 'webgpu';

const stock = new Map<string, KernelConfig>();
const keyOf = (name: string, device: Device): string => `${device} ${name}`;

/** `mended` gets tfjs's own kernel. Does nothing where that kernel has been mended before. */
export function mendKernel(
  name: string,
  device: Device,
  mended: (own: KernelConfig) => KernelConfig['kernelFunc'],
): void {
  if (stock.has(keyOf(name, device))) return;
  const own = getKernel(name, device);
  stock.set(keyOf(name, device), own);
  unregisterKernel(name, device);
  registerKernel({ ...own, kernelFunc: mended(own) });
}

/**
 * A mended kernel as tfjs registered it: what ours is measured against.
 * @throws Error if it has not been mended.
 */
export function stockKernel(name: string, device: Device): KernelConfig {
  const own = stock.get(keyOf(name, device));
  if (!own) throw new Error(`tfjs's own kernel ${name} is in place on ${device}.`);
  return own;
}
