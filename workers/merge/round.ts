/**
 * Merged weights as they will be stored: rounded to the checkpoint's element type, nearest even. What is
 * previewed and measured is read back from these very bytes, so it is what is exported.
 */
import { StudioError } from '../../core/errors.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { isFloatDtype } from '../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';

export interface Rounded {
  /** As stored, little endian. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same values, float32. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Throws `unsupported` when a value is not finite, or no longer is one in `dtype` (F16 ends at 65504). */
export function roundTo(dtype: string, merged: Float32Array<ArrayBuffer>, tensor: string): Rounded {
  if (!isFloatDtype(dtype))
    throw new StudioError(
      'unsupported',
      `${tensor} is stored as ${dtype}; only F64, F32, F16 and BF16 weights can be merged.`,
      { details: { tensor, value: dtype } },
    );
  const bytes = encodeFloat32(dtype, merged);
  const values = decodeFloat32(dtype, bytes);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const value = String(merged[bad]);
    throw new StudioError(
      'unsupported',
      `${tensor} would hold ${value}, which ${dtype} cannot store. Use a smaller λ or smaller gates.`,
      { details: { tensor, value } },
    );
  }
  return { bytes, values };
}
