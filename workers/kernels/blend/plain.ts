/**
 * The reference: ordinary loops. It runs where 128-bit WebAssembly does not, and says what simd.ts must give.
 */
import type { BlendBfloat16 } from './contract.ts';

/**
 * Values at once, in three loops that each do one thing: widening, arithmetic, rounding. Small enough for the
 * first cache.
 */
const block = 2048;
const wide = new Float32Array(3 * block);
const bits = new Uint32Array(wide.buffer);

export const plainBlend: BlendBfloat16 = (own, reasoning, origin, lambda) => {
  const scale = Math.fround(lambda);
  const result = new Uint16Array(own.length);
  let overflow = 0;
  for (let at = 0; at < own.length; at += block) {
    const count = Math.min(block, own.length - at);
    for (let i = 0; i < count; i++) {
      bits[i] = (own[at + i] as number) << 16;
      bits[i + block] = (reasoning[at + i] as number) << 16;
      bits[i + 2 * block] = (origin[at + i] as number) << 16;
    }
    for (let i = 0; i < count; i++)
      wide[i] = Math.fround(
        (wide[i] as number) +
          Math.fround(scale * Math.fround((wide[i + block] as number) - (wide[i + 2 * block] as number))),
      );
    for (let i = 0; i < count; i++) {
      const value = bits[i] as number;
      // To nearest even: see core/safetensors/encode.ts. Infinity and NaN, also those that rounding makes,
      // have all exponent bits set.
      const rounded = (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
      result[at + i] = rounded;
      overflow |= Number((rounded & 0x7f80) === 0x7f80) | Number((value & 0x7f800000) === 0x7f800000);
    }
  }
  return overflow ? null : result;
};
