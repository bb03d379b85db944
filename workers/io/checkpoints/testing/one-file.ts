/** Small checkpoints in memory, for tests. */
import { dtypeBytes, type Dtype } from '../../../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../../../core/safetensors/encode.ts';
import { buildSafetensors, type TensorData } from '../../../../core/safetensors/write.ts';
import { memoryFolder } from '../../folders/memory-folder.ts';
import { openCheckpoint } from '../checkpoint.ts';

/** Of zeros. */
export const blank = (name: string, dtype: Dtype, ...shape: number[]): TensorData => ({
  name,
  dtype,
  shape,
  bytes: new Uint8Array(shape.reduce((product, size) => product * size, 1) * dtypeBytes[dtype]),
});
export const floats = (
  name: string,
  values: number[],
  shape: number[],
  dtype: Dtype = 'F32',
): TensorData => ({
  name,
  dtype,
  shape,
  bytes: encodeFloat32(dtype, Float32Array.from(values)),
});
/** E4M3: 0x38 is 1, 0x40 is 2, 0x44 is 3, 0x48 is 4, 0xb8 is −1, 0x30 is 1/2. */
export const codes = (
  name: string,
  values: number[],
  shape: number[],
  dtype: Dtype = 'F8_E4M3',
): TensorData => ({
  name,
  dtype,
  shape,
  bytes: Uint8Array.from(values),
});
/** A checkpoint of one file in memory, labelled m. */
export const open = (
  tensors: readonly TensorData[],
  config: object = {},
  files: Record<string, string> = {},
) =>
  openCheckpoint(
    memoryFolder('m', {
      'config.json': JSON.stringify({ architectures: ['X'], ...config }),
      'model.safetensors': buildSafetensors(tensors, new Map()),
      ...files,
    }),
  );
