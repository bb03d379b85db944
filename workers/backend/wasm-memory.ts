/**
 * Full memory as an error, on tfjs 4.22's WebAssembly backend, which does not notice it.
 *
 * Near the 4 GiB limit its allocator adds up in 32 bits: a request that would end beyond the limit gets an
 * address with no memory behind it, and the next ones memory that others use. At best it gets address 0,
 * which tfjs writes to. Of 4 GiB and more it sees only the rest beyond 4 GiB. So a request that could end
 * beyond the limit is refused before the allocator sees it, unless a gap between what is in use is large
 * enough.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { StudioError } from '../../core/errors.ts';
import { recordDeviceFailure } from './failure.ts';
import { memoryOf, type EmscriptenModule } from './heap/emscripten.ts';

const limitBytes = 2 ** 32;

export function guardWasmMemory({ wasm }: BackendWasm): void {
  const module = wasm as unknown as EmscriptenModule;
  // The first call replaces each of these on the module; ours must come after it.
  module._free(module._malloc(8));
  const [malloc, free] = [module._malloc, module._free];
  const memory = memoryOf(module);
  /** Bytes in use by address. What C++ takes for itself is not among them; it is little. */
  const used = new Map<number, number>();

  module._malloc = (bytes) => {
    if (memory.buffer.byteLength + bytes >= limitBytes && !hasGap(used, bytes)) throw full(bytes);
    const offset = malloc(bytes) >>> 0;
    if (offset === 0 && bytes > 0) throw full(bytes);
    if (offset + bytes > memory.buffer.byteLength) {
      recordDeviceFailure(
        'The WebAssembly memory is full (4 GiB), and what it holds is not to be trusted any more. Reload the page to go on.',
      );
      throw full(bytes);
    }
    used.set(offset, bytes);
    return offset;
  };
  module._free = (offset) => {
    used.delete(offset >>> 0);
    free(offset);
  };
}

/** Between the first and the last address in use; what lies after the last is the allocator's to grow. */
function hasGap(used: ReadonlyMap<number, number>, bytes: number): boolean {
  const spans = [...used].sort(([a], [b]) => a - b);
  return spans.some(([offset], i) => {
    const [before, size] = spans[i - 1] ?? [offset, 0];
    return offset - before - size >= bytes;
  });
}

function full(bytes: number): StudioError {
  return new StudioError(
    'memory',
    `The WebAssembly memory is full (4 GiB): ${bytes} more bytes do not fit. Choose smaller models or a browser with WebGPU.`,
  );
}
