import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import type { RotaryTable } from './contract.ts';
import { joinHeads, splitHeads } from './heads.ts';

const [batch, heads, columns, width] = [3, 2, 5, 8];
const size = batch * heads * columns * width;
const x = noise(batch * columns, heads * width, 1).data;
const dy = noise(batch * columns, heads * width, 2).data;

beforeAll(async () => {
  await startDevice();
});

const rows = (data: Float64Array) => tf.tensor2d(Float32Array.from(data), [batch * columns, heads * width]);
const table = (
  alike: boolean,
): { readonly cos: Float64Array; readonly sin: Float64Array; readonly upload: () => RotaryTable } => {
  const count = alike ? 1 : batch;
  const [cos, sin] = [noise(count * columns, width, 3).data, noise(count * columns, width, 4).data];
  const tensor = (data: Float64Array) => tf.tensor4d(Float32Array.from(data), [count, 1, columns, width]);
  return { cos, sin, upload: () => ({ cos: tensor(cos), sin: tensor(sin) }) };
};

/** Index in [B·T, H·hd] of the number at index `at` of [B, H, T, hd]. */
function rowIndex(at: number): number {
  const [i, t, h, b] = [
    at % width,
    Math.floor(at / width) % columns,
    Math.floor(at / width / columns) % heads,
    Math.floor(at / width / columns / heads),
  ];
  return ((b * columns + t) * heads + h) * width + i;
}

/** Index in a table of the number at index `at` of [B, H, T, hd]. */
function tableIndex(at: number, alike: boolean): number {
  const [i, t, b] = [at % width, Math.floor(at / width) % columns, Math.floor(at / width / columns / heads)];
  return ((alike ? 0 : b) * columns + t) * width + i;
}

const partner = (at: number) => at - (at % width) + (((at % width) + width / 2) % width);
const heads4 = (from: (at: number) => number) => Float64Array.from({ length: size }, (_, at) => from(at));

describe('splitHeads', () => {
  it('puts each head by itself', async () => {
    const result = tf.tidy(() => splitHeads(rows(x), batch, heads, null));
    expect(result.shape).toEqual([batch, heads, columns, width]);
    expect(
      relativeError(
        await result.data(),
        heads4((at) => x[rowIndex(at)]!),
      ),
    ).toBeLessThan(1e-6);
    result.dispose();
  });

  for (const alike of [true, false]) {
    it(`rotates on the way, with ${alike ? 'one table' : 'a table a row'}, and has the gradient of that`, async () => {
      const { cos, sin, upload } = table(alike);
      const expected = heads4(
        (at) =>
          x[rowIndex(at)]! * cos[tableIndex(at, alike)]! +
          x[rowIndex(partner(at))]! * sin[tableIndex(at, alike)]!,
      );
      const result = tf.tidy(() => splitHeads(rows(x), batch, heads, upload()));
      expect(relativeError(await result.data(), expected)).toBeLessThan(1e-6);

      // Σ dy ⊙ y is linear in x: its gradient collects both places that a number went to.
      const gradient = new Float64Array(size);
      for (let at = 0; at < size; at++) {
        gradient[rowIndex(at)]! += dy[at]! * cos[tableIndex(at, alike)]!;
        gradient[rowIndex(partner(at))]! += dy[at]! * sin[tableIndex(at, alike)]!;
      }
      const computed = tf.tidy(() => {
        const rotation = upload();
        return tf.grad((input) => splitHeads(input as tf.Tensor2D, batch, heads, rotation))(
          rows(x),
          tf.tensor(Float32Array.from(dy), [batch, heads, columns, width]),
        );
      });
      expect(relativeError(await computed.data(), gradient)).toBeLessThan(1e-6);
      tf.dispose([result, computed]);
    });
  }
});

describe('joinHeads', () => {
  it('undoes splitHeads, and has the gradient of that', async () => {
    const back = tf.tidy(() => joinHeads(splitHeads(rows(x), batch, heads, null)));
    expect(relativeError(await back.data(), x)).toBe(relativeError(Float32Array.from(x), x));
    const gradient = tf.tidy(() =>
      tf.grad((input) => joinHeads(input as tf.Tensor4D))(tf.zeros([batch, heads, columns, width]), rows(dy)),
    );
    expect(
      relativeError(
        await gradient.data(),
        heads4((at) => dy[rowIndex(at)]!),
      ),
    ).toBeLessThan(1e-6);
    tf.dispose([back, gradient]);
  });
});

it('leaves no tensors behind', async () => {
  expect(
    await tensorsLeftBy(() => {
      tf.tidy(() => {
        const rotation = table(false).upload();
        tf.grad((input) => joinHeads(splitHeads(input as tf.Tensor2D, batch, heads, rotation)))(rows(x));
      });
    }),
  ).toBe(0);
});
