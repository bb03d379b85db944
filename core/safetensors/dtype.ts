/**
 * The element types of safetensors that this studio reads, with their size. Sub-byte types (F4, F6) and C64
 * are refused by name.
 */
export const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(dtypeBytes, name);
}

/** Formats that hold a weight as such: quantised and integer tensors need a scale stored elsewhere. */
export function isFloatDtype(name: string): name is 'F64' | 'F32' | 'F16' | 'BF16' {
  return name === 'F64' || name === 'F32' || name === 'F16' || name === 'BF16';
}
