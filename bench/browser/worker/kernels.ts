/** Products of matrices by the studio's kernel and by tfjs's own. */
import * as tf from '@tensorflow/tfjs-core';
import type { KernelTasks } from '../api.ts';
import { gaussian } from '../../inputs.ts';
import { startOn } from './device.ts';

const measureForMs = 30;

export function kernelTasks(): KernelTasks {
  let product = (): tf.Tensor => tf.scalar(0);
  const kernels: Partial<Record<'ours' | 'stock', tf.KernelConfig>> = {};
  let inputs: tf.Tensor[] = [];
  const register = (kernel: 'ours' | 'stock'): void => {
    const config = kernels[kernel];
    if (!config) throw new Error('No product was prepared.');
    tf.unregisterKernel(config.kernelName, config.backendName);
    tf.registerKernel(config);
  };
  return {
    async prepareMatMul(device, { batch, m, k, n, transposeA, transposeB }) {
      const { stockMatMul } = await startOn(device);
      kernels.stock = stockMatMul;
      kernels.ours ??= tf.getKernel('BatchMatMul', device);
      if (kernels.ours.kernelFunc === stockMatMul.kernelFunc) throw new Error('The product was not mended.');
      tf.dispose(inputs);
      const noise = gaussian(m + k + n);
      const [a, b] = [transposeA ? [batch, k, m] : [batch, m, k], transposeB ? [batch, n, k] : [batch, k, n]].map((shape) =>
        tf.tensor(Float32Array.from({ length: shape.reduce((size, side) => size * side, 1) }, noise), batch === 1 ? shape.slice(1) : shape),
      ) as [tf.Tensor, tf.Tensor];
      inputs = [a, b];
      product = () => tf.matMul(a, b, transposeA, transposeB);
      register('ours');
      const ours = await read(product());
      register('stock');
      const stock = await read(product());
      const largest = stock.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (stock[i] as number))), 0) / largest;
    },
    async matMulMs(kernel) {
      register(kernel);
      const onGpu = kernels[kernel]?.backendName === 'webgpu';
      let runs = 0;
      const begun = performance.now();
      do {
        const result = product();
        // A processor of its own is done when a number of the result has come back.
        if (onGpu) await read(tf.slice(tf.reshape(result, [-1]), [0], [1]));
        result.dispose();
        runs++;
      } while (performance.now() - begun < measureForMs);
      return (performance.now() - begun) / runs;
    },
  };
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  return tensor.data<'float32'>().finally(() => tensor.dispose());
}
