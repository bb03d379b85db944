/**
 * The two builds of the WebAssembly kernel (scripts/build-wasm.mjs), and which of them this machine should
 * run.
 *
 * Relaxed SIMD leaves to the engine whether a multiply-add rounds once or twice. An engine that validates it
 * on a processor without fused multiply-add gains nothing by it; so the machine is asked, by one sum that
 * tells the two apart.
 */
import { fusedBase64, simdBase64 } from './wasm-binary.ts';

export type Build = 'simd' | 'fused';

export interface Exports {
  scratchBytes(): number;
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    aWidth: number,
    aRow: number,
    aCol: number,
    b: number,
    bWidth: number,
    bRow: number,
    bCol: number,
    c: number,
    cRow: number,
    alpha: number,
    accumulate: number,
    lowerOnly: number,
    scratch: number,
  ): void;
  gemmSingle(
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aCol: number,
    b: number,
    bRow: number,
    bCol: number,
    scale: number,
    c: number,
    cRow: number,
    scratch: number,
  ): void;
  symmetricTimesVector(m: number, s: number, strideBytes: number, x: number, y: number): void;
  rowsTimesVector(count: number, n: number, rows: number, strideBytes: number, x: number, out: number): void;
  addRows(count: number, n: number, weights: number, rows: number, strideBytes: number, y: number): void;
  dot(n: number, x: number, y: number): number;
  axpy(n: number, alpha: number, x: number, y: number): void;
  scaleToFloat32(
    rows: number,
    cols: number,
    from: number,
    fromBytes: number,
    factors: number,
    to: number,
    toBytes: number,
    squares: number,
  ): void;
  rankOneEigen(
    k: number,
    d: number,
    z: number,
    rho: number,
    position: number,
    roots: number,
    coefficients: number,
    scratch: number,
  ): number;
}

export interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly run: Exports;
}

const compiled: Partial<Record<Build, WebAssembly.Module | null>> = {};
let best: Build | null | undefined;

/** Null where no 128-bit vectors are to be had. The answer does not change while the program runs. */
export function bestBuild(): Build | null {
  if (best === undefined)
    best = moduleOf('fused') && fuses(instantiate('fused')) ? 'fused' : moduleOf('simd') ? 'simd' : null;
  return best;
}

/** Throws where the build does not validate. */
export function instantiate(build: Build): Instance {
  const module = moduleOf(build);
  if (!module) throw new Error(`This engine does not run the ${build} build of the SVD kernel.`);
  const memory = new WebAssembly.Memory({ initial: 1 });
  // The names are those of wasm/kernel.ts; a test compares that file's build with the module embedded here.
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  return { memory, run };
}

/** (1 + 2⁻³⁰)(1 − 2⁻³⁰) − 1 is −2⁻⁶⁰ if rounded once, and 0 if the product is rounded first. */
export function fuses({ memory, run }: Instance): boolean {
  const x = new Float64Array(memory.buffer, 0, 2).fill(1 - 2 ** -30);
  const y = new Float64Array(memory.buffer, 16, 2).fill(-1);
  run.axpy(2, 1 + 2 ** -30, x.byteOffset, y.byteOffset);
  return y.every((value) => value === -(2 ** -60));
}

function moduleOf(build: Build): WebAssembly.Module | null {
  return (compiled[build] ??= compile(build === 'fused' ? fusedBase64 : simdBase64));
}

function compile(base64: string): WebAssembly.Module | null {
  if (typeof WebAssembly === 'undefined') return null;
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    return null; // a page whose security policy forbids compiling
  }
}
