import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clearDeviceFailure, throwIfDeviceFailed } from './failure.ts';
import type { EmscriptenModule } from './heap/emscripten.ts';
import { nodeHost } from './host.node.ts';
import { startBackend } from './start.ts';

beforeAll(async () => {
  await startBackend('wasm', nodeHost());
});
afterAll(clearDeviceFailure);

const gibibyte = 2 ** 30;
const backend = () => tf.backend() as BackendWasm;
const take = (gibibytes: number) => backend().makeOutput([(gibibytes * gibibyte) / 4], 'float32');
const giveBack = (...taken: readonly tf.TensorInfo[]) =>
  taken.forEach(({ dataId }) => backend().disposeData(dataId));
const refused = expect.objectContaining({
  code: 'memory',
  message: expect.stringMatching(/WebAssembly memory is full/) as string,
}) as Error;

it('refuses what does not fit any more and goes on with what does', async () => {
  const taken = [take(1), take(1.5)];
  for (const size of [1.9, 2, 3.5]) expect(() => take(size)).toThrow(refused);
  const small = tf.tensor1d([1, 2, 3]);
  expect([...(await tf.square(small).data())]).toEqual([1, 4, 9]);
  giveBack(...taken);
  expect(throwIfDeviceFailed).not.toThrow();
});

it('refuses more than an address of 32 bits can count', () => {
  expect(() => take(4)).toThrow(refused);
  expect(() => take(4.1)).toThrow(refused);
});

it('takes what fits into a gap, near the limit too', () => {
  const [first, second, third] = [take(1.2), take(1), take(0.8)];
  giveBack(first);
  const again = take(1.1);
  expect(() => take(1.1)).toThrow(refused);
  giveBack(again, second, third);
});

// Last: it leaves the allocator in ruins.
it("stock: tfjs's allocator returns 0, or an address with no memory behind it", () => {
  const module = backend().wasm as unknown as EmscriptenModule & {
    readonly asm: { malloc(bytes: number): number };
  };
  const memory = () => module.HEAPU8.byteLength;
  const offsets = [1.9, 2, 3.9].map((size) => ({
    bytes: size * gibibyte,
    offset: module.asm.malloc(size * gibibyte) >>> 0,
  }));
  const usable = offsets.filter(({ bytes, offset }) => offset !== 0 && offset + bytes <= memory());
  // 7.8 GiB of 4.
  expect(usable.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(4 * gibibyte);
  expect(offsets.some(({ bytes, offset }) => offset === 0 || offset + bytes > memory())).toBe(true);
  // Of more than 4 GiB, the rest: room for 400 kB was asked for as 4 GiB and 400 kB.
  const tail = module.asm.malloc(4 * gibibyte + 400_000) >>> 0;
  expect(tail === 0 || tail + 4 * gibibyte > memory()).toBe(true);
});
