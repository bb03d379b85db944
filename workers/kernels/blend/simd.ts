/**
 * The same in WebAssembly with 128-bit vectors (sources in wasm/), bit for bit; null where there are none.
 */
import type { BlendBfloat16 } from './contract.ts';
import { wasmBase64 } from './wasm-binary.ts';

/**
 * Values at a time: four times 64 KiB, which the second cache holds. A multiple of the 8 of a vector pair.
 */
const block = 2 ** 15;
const blockBytes = 2 * block;
const pageBytes = 2 ** 16;

interface Exports {
  blend(count: number, own: number, reasoning: number, origin: number, scale: number, out: number): number;
}

export function openSimdBlend(): BlendBfloat16 | null {
  const run = start();
  if (!run) return null;
  const { memory, exports } = run;
  const place = (i: number) => new Uint16Array(memory.buffer, pageBytes + i * blockBytes, block);
  const inputs = [place(0), place(1), place(2)] as const;
  const out = place(3);
  return (own, reasoning, origin, lambda) => {
    const result = new Uint16Array(own.length);
    for (let at = 0; at < own.length; at += block) {
      const count = Math.min(block, own.length - at);
      [own, reasoning, origin].forEach((values, i) => inputs[i]?.set(values.subarray(at, at + count)));
      const whole = 8 * Math.ceil(count / 8);
      // What fills up the last vectors must not look like an overflow.
      for (const input of inputs) input.fill(0, count, whole);
      if (
        exports.blend(
          whole,
          inputs[0].byteOffset,
          inputs[1].byteOffset,
          inputs[2].byteOffset,
          lambda,
          out.byteOffset,
        )
      )
        return null;
      result.set(out.subarray(0, count), at);
    }
    return result;
  };
}

function start(): { readonly memory: WebAssembly.Memory; readonly exports: Exports } | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  try {
    const memory = new WebAssembly.Memory({ initial: 1 + (4 * blockBytes) / pageBytes });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return { memory, exports: exports as unknown as Exports };
  } catch {
    return null; // a page whose security policy forbids compiling
  }
}
