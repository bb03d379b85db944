import { expect, test } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { perRole, type PerRole } from '../roles.ts';
import { OutsideEnergy, productEnergy } from './outside-energy.ts';

const job = { onDone: () => undefined, signal: new AbortController().signal };

function slotsOf(checkpoints: PerRole<Checkpoint>) {
  return pairModels(
    perRole((role) => ({
      label: role,
      spec: readModelSpec(checkpoints[role].config, checkpoints[role].tensors.keys()),
      tensors: checkpoints[role].tensors,
      adapted: checkpoints[role].adapted,
    })),
  ).slots;
}

/** ‖τ‖² of whole matrices, in float64. */
async function direct({ base, lrm }: PerRole<Checkpoint>, slots: ReturnType<typeof slotsOf>) {
  let sum = 0;
  for (const { tensors } of slots) {
    const [tuned, origin] = [await lrm.readFloat32(tensors.lrm), await base.readFloat32(tensors.base)];
    tuned.forEach((value, i) => (sum += Math.fround(value - (origin[i] ?? 0)) ** 2));
  }
  return sum;
}

test('the energy of layers that are not open is that of their task vectors, read once', async () => {
  const [base, vlm, lrm] = await Promise.all(
    ['base', 'vlm', 'lrm'].map((role) => openCheckpoint(nodeDirectory(`public/models/demo/${role}`, role))),
  );
  const checkpoints = { base, vlm, lrm } as PerRole<Checkpoint>;
  const slots = slotsOf(checkpoints).slice(3);
  const said: string[] = [];
  const outside = new OutsideEnergy(checkpoints, slots);
  const energy = await outside.of({
    ...job,
    onDone: (stage, done, total) => said.push(`${stage} ${(done / total).toFixed(2)}`),
  });
  expect(energy / (await direct(checkpoints, slots))).toBeCloseTo(1, 12);
  expect(said).toHaveLength(25);
  expect(said.at(-1)).toBe('Measuring the layers that are not open 1.00');
  expect(await outside.of(job)).toBe(energy);
  expect(said).toHaveLength(25);
  expect(await new OutsideEnergy(checkpoints, []).of(job)).toBe(0);
});

test('of an adapter it is taken from its factors', async () => {
  const base = await openCheckpoint(nodeDirectory('zoo/reference/adapter/base', 'base'));
  const lrm = await openAdapter(nodeDirectory('zoo/reference/adapter/plain', 'adapter'), base);
  const checkpoints = { base, vlm: base, lrm };
  const slots = slotsOf(checkpoints);
  const energy = await new OutsideEnergy(checkpoints, slots).of(job);
  // The product rounded to float32 on the base's weights is a little off the factors' own.
  expect(energy / (await direct(checkpoints, slots))).toBeCloseTo(1, 4);
  const b = Float32Array.of(1, 2, 3, 4, 5, 6);
  const a = Float32Array.of(1, -1, 2, 0.5);
  // B [3, 2], A [2, 2]: B·A by hand, scaled by 2.
  const product = [5, 0, 11, -1, 17, -2].map((value) => 2 * value);
  expect(productEnergy({ a, b, rank: 2, scale: 2 })).toBe(
    product.reduce((sum, value) => sum + value ** 2, 0),
  );
});
