import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildHeapModule, heapModulePath } from '../../../scripts/build-heap-wasm.mjs';
import { memoryFlag, wasmBase64 } from './heap-binary.ts';

it('is what the AssemblyScript sources compile to, without data of its own: otherwise run `npm run build:wasm`', async () => {
  expect(readFileSync(heapModulePath, 'utf8').replaceAll('\r\n', '\n')).toBe(await buildHeapModule());
});

it('starts on its own memory and, with one byte changed, on memory that threads share', () => {
  const bytes = Uint8Array.from(atob(wasmBase64), (char) => char.charCodeAt(0));
  const start = (memory: WebAssembly.Memory) =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const limits = { initial: 4, maximum: 65536 };
  expect(Object.keys(start(new WebAssembly.Memory(limits)).exports)).toContain('gemm');
  const shared = new WebAssembly.Memory({ ...limits, shared: true });
  expect(() => start(shared)).toThrow(WebAssembly.LinkError);
  bytes[memoryFlag.at] = memoryFlag.shared;
  expect(Object.keys(start(shared).exports)).toContain('gemm');
});
