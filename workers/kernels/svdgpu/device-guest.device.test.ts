/** The decomposition shares the device with everybody else: what it leaves there, and when it is not there. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { clearDeviceFailure, recordDeviceFailure } from '../../backend/failure.ts';
import { thinSvd } from '../svd/svd.ts';
import { symmetricEigen } from '../svd/eigen/symmetric-eigen.ts';
import { inputs } from '../svd/testing/inputs.ts';
import { tfjsVisits } from './device.ts';
import { hybridSvd, type HybridParts, type HybridSvd } from './hybrid.ts';

const never = new AbortController().signal;
const parts: HybridParts = { device: tfjsVisits(never), solveEigen: symmetricEigen, exact: thinSvd };
const whoDid = (svd: HybridSvd): string => (svd.by === 'kernel' ? svd.because : svd.by);

beforeAll(async () => {
  await startDevice();
});

describe('hybridSvd as a guest of the device', () => {
  const a = inputs['noise']!(40, 60);

  it('leaves no tensors behind, whether it ends well or not', async () => {
    const before = tf.memory().numTensors;
    await hybridSvd(a, 40, 60, parts, never);
    expect(tf.memory().numTensors).toBe(before);
    const failing: HybridParts['solveEigen'] = () => Promise.reject(new Error('a worker died'));
    await expect(hybridSvd(a, 40, 60, { ...parts, solveEigen: failing }, never)).rejects.toThrow(
      'a worker died',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is not there while the eigenproblem is solved', async () => {
    let visits = 0;
    let inside = false;
    const noticed = async <T>(visit: Promise<T>): Promise<T> => {
      visits++;
      inside = true;
      return visit.finally(() => (inside = false));
    };
    const device: HybridParts['device'] = {
      gram: (matrix) => noticed(parts.device.gram(matrix)),
      longSide: (matrix, eigen) => noticed(parts.device.longSide(matrix, eigen)),
    };
    const before = tf.memory().numTensors;
    const solveEigen: HybridParts['solveEigen'] = async (gram, r) => {
      expect(inside).toBe(false);
      expect(tf.memory().numTensors).toBe(before);
      return symmetricEigen(gram, r);
    };
    expect((await hybridSvd(a, 40, 60, { ...parts, solveEigen, device }, never)).by).toBe('device');
    expect(visits).toBe(2);
  });

  it('stops when cancelled, with the reason given, also between two reads of a visit', async () => {
    const before = tf.memory().numTensors;
    const cancelled = async (
      during: (abort: () => void, device: HybridParts['device']) => Partial<HybridParts>,
    ) => {
      const controller = new AbortController();
      const device = tfjsVisits(controller.signal, 4 * 60 * 8);
      await expect(
        hybridSvd(
          a,
          40,
          60,
          { ...parts, device, ...during(() => controller.abort(new Error('enough')), device) },
          controller.signal,
        ),
      ).rejects.toThrow('enough');
      expect(tf.memory().numTensors).toBe(before);
    };
    await cancelled((abort) => (abort(), {}));
    await cancelled((abort) => ({ solveEigen: (gram, r) => (abort(), symmetricEigen(gram, r)) }));
    await cancelled((abort, device) => ({
      device: {
        gram(matrix) {
          const begun = device.gram(matrix);
          abort();
          return begun;
        },
        longSide: () => expect.fail('It went on.'),
      },
    }));
  });

  it('does not believe what a failed device says, and does without it', async () => {
    const before = tf.memory().numTensors;
    recordDeviceFailure('The graphics device was lost.');
    const svd = await hybridSvd(a, 40, 60, parts, never).finally(clearDeviceFailure);
    expect(whoDid(svd)).toBe('the device failed');
    expect(svd.u).toEqual(thinSvd(a, 40, 60).u);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('does without a device that one r × r matrix is too large for', async () => {
    const device: HybridParts['device'] = { ...parts.device, gram: async () => null };
    expect(whoDid(await hybridSvd(a, 40, 60, { ...parts, device }, never))).toBe('too large for the device');
  });
});
