/** By version of the kernel: CRC-32 of u, s and vt of the `task` matrix of 120 × 90, in Node and in browsers. */
export const taskBytes: Readonly<Record<string, readonly number[]>> = {
  'svd-gram64-3': [2360222543, 467378305, 649831121],
  'svd-gram64-3-fma': [2516662907, 467378305, 1823084695],
};
