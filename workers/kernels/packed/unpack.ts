/** WGSL that turns a word into its two numbers: `unpack(word : i32) -> vec2<f32>`, lower half first. */
import type { PackedFormat } from './contract.ts';

const bfloat16 = `
fn unpack(word : i32) -> vec2<f32> {
  let bits = bitcast<u32>(word);
  return vec2<f32>(bitcast<f32>(bits << 16u), bitcast<f32>(bits & 0xffff0000u));
}`;

/**
 * By integers, not by unpack2x16float, which may take subnormals for 0: below 2⁻¹⁴ a code is m · 2⁻²⁴ with an
 * integer m, whose float32 is no subnormal. Above, exponents move by 112 = 127 − 15, and that of infinities
 * and NaN by 224, from 31 to 255.
 */
const float16 = `
fn widen(code : u32) -> f32 {
  let magnitude = code & 0x7fffu;
  let subnormal = bitcast<u32>(f32(magnitude) * 0x1p-24f);
  let normal = (magnitude << 13u) + select(112u << 23u, 224u << 23u, magnitude >= 0x7c00u);
  return bitcast<f32>(((code & 0x8000u) << 16u) | select(normal, subnormal, magnitude < 0x0400u));
}
fn unpack(word : i32) -> vec2<f32> {
  let bits = bitcast<u32>(word);
  return vec2<f32>(widen(bits & 0xffffu), widen(bits >> 16u));
}`;

export const unpackSource: Readonly<Record<PackedFormat, string>> = { bfloat16, float16 };
