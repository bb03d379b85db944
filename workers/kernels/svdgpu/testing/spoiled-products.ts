/** For tests of what happens where a device multiplies wrongly. */
import * as tf from '@tensorflow/tfjs-core';

/** Runs `body` on a device whose every matrix product goes through `spoil`. */
export async function withProducts<T>(
  spoil: (c: tf.Tensor) => tf.Tensor,
  body: () => Promise<T>,
): Promise<T> {
  const device = tf.getBackend();
  const sound = tf.getKernel('BatchMatMul', device);
  const install = (kernel: tf.KernelConfig): void => {
    tf.unregisterKernel('BatchMatMul', device);
    tf.registerKernel(kernel);
  };
  install({
    ...sound,
    kernelFunc: (params) => {
      const c = sound.kernelFunc(params) as tf.TensorInfo;
      return tf.tidy(() => spoil(tf.engine().makeTensorFromTensorInfo(c)));
    },
  });
  try {
    return await body();
  } finally {
    install(sound);
  }
}
