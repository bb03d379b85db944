/**
 * own + λ (reasoning − origin) on bfloat16 as it is stored, element by element: differences, products and
 * sums in float32, each rounded once, and the result to nearest even. λ is rounded to float32 first.
 *
 * All three are of one length. Returns a new array, or null where a result is not finite or would no longer
 * be when it is rounded.
 */
export type BlendBfloat16 = (
  own: Uint16Array,
  reasoning: Uint16Array,
  origin: Uint16Array,
  lambda: number,
) => Uint16Array<ArrayBuffer> | null;
