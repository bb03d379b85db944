/**
 * Images as rows of patches: what a convolution with stride = kernel reads, so that it becomes a matrix
 * product.
 */

/**
 * `pixels` [N, C, S, S] → [N·⌊S/p⌋², C·p·p]: patches in reading order, each ordered as a convolution weight
 * [out, C, p, p]. Pixels beyond the last whole patch are left out, as by a convolution without padding.
 */
export function patchRows(
  pixels: Float32Array,
  count: number,
  channels: number,
  size: number,
  patch: number,
): Float32Array {
  const side = Math.floor(size / patch);
  const rows = new Float32Array(count * channels * (side * patch) ** 2);
  let at = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        for (let channel = 0; channel < channels; channel++) {
          for (let y = 0; y < patch; y++) {
            const from = ((image * channels + channel) * size + row * patch + y) * size + column * patch;
            rows.set(pixels.subarray(from, from + patch), at);
            at += patch;
          }
        }
      }
    }
  }
  return rows;
}
