import { roles } from '../../../core/family/trio.ts';
import { describe, expect, test } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { noise } from '../../backend/reference.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { correlation, findKinship } from './kinship.ts';
import type { Checkpoint } from '../../io/contract.ts';

const { signal } = new AbortController();
const names = Array.from({ length: 12 }, (_, i) => `model.layers.${i}.mlp.up_proj.weight`);
const model = (label: string, values: (layer: number) => Float64Array): Promise<Checkpoint> => {
  const tensors = names.map((name, layer) => ({
    name,
    dtype: 'F32' as const,
    shape: [64, 48],
    bytes: new Uint8Array(Float32Array.from(values(layer)).buffer),
  }));
  return openCheckpoint(
    memoryFolder(label, { 'config.json': '{}', 'model.safetensors': buildSafetensors(tensors, new Map()) }),
  );
};
const weights = (seed: number) => (layer: number) => Float64Array.from(noise(64, 48, seed + layer).data);
const tuned = (layer: number) =>
  weights(1)(layer).map((value, i) => value + 0.1 * (weights(300)(layer)[i] ?? 0));

async function codes(base: Checkpoint, vlm: Checkpoint, lrm: Checkpoint) {
  const paired = (checkpoint: Checkpoint) => ({
    label: checkpoint.label,
    spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()),
    tensors: checkpoint.tensors,
  });
  const { slots } = pairModels({ base: paired(base), vlm: paired(vlm), lrm: paired(lrm) });
  return (await findKinship({ base, vlm, lrm }, slots, ['lrm', 'vlm'], signal)).map(
    ({ code, severity }) => `${severity} ${code}`,
  );
}

describe('kinship', () => {
  test('tuned, untouched and unrelated models are told apart', async () => {
    const [base, near, far] = [
      await model('base', weights(1)),
      await model('near', tuned),
      await model('far', weights(900)),
    ];
    expect(await codes(base, near, near)).toEqual(['info lrm-from-base', 'info vlm-from-base']);
    expect(await codes(base, near, far)).toEqual(['error lrm-not-from-base', 'info vlm-from-base']);
    expect(await codes(base, far, near)).toEqual(['info lrm-from-base', 'error vlm-not-from-base']);
    expect(await codes(base, base, base)).toEqual(['warning lrm-equals-base', 'info vlm-equals-base']);
  });

  test('the demo trio is one family', async () => {
    const [base, vlm, lrm] = await Promise.all(
      roles.map((role) => openCheckpoint(nodeDirectory(`public/models/demo/${role}`, role))),
    );
    expect(await codes(base as Checkpoint, vlm as Checkpoint, lrm as Checkpoint)).toEqual([
      'info lrm-from-base',
      'info vlm-from-base',
    ]);
  });

  test('correlation is Pearson’s, whatever scale and offset', () => {
    const a = Float32Array.of(1, 2, 3, 5);
    expect(
      correlation(
        a,
        a.map((value) => 3 - 2 * value),
      ),
    ).toBeCloseTo(-1, 12);
    // numpy.corrcoef([1, 2, 3, 5], [2, 1, 4, 3])[0, 1]
    expect(correlation(a, Float32Array.of(2, 1, 4, 3))).toBeCloseTo(0.5291502622129182, 12);
    expect(correlation(a, new Float32Array(4))).toBeNaN();
  });
});
