/** Stretches of zeros in a matrix, and that zeros are told once. */
import { expect, test } from 'vitest';
import { pairModels } from '../../../core/family/pair-models.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { noise } from '../../backend/reference.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { sampledFindings } from './sampled-findings.ts';

const layers = 6;
const [rows, columns] = [64, 48];
const nameOf = (layer: number) => `model.layers.${layer}.mlp.up_proj.weight`;

/** Tuned from one base by so much, in a direction that the length of its label decides; `change` may take values of the layer away. */
function model(
  label: string,
  far: number,
  change: (values: Float32Array, layer: number) => void = () => undefined,
) {
  const tensors = Array.from({ length: layers }, (_, layer) => {
    const more = noise(rows, columns, 100 * label.length + layer).data;
    const values = Float32Array.from(
      noise(rows, columns, 1 + layer).data,
      (value, i) => value + far * (more[i] ?? 0),
    );
    change(values, layer);
    return {
      name: nameOf(layer),
      dtype: 'F32',
      shape: [rows, columns],
      bytes: encodeFloat32('F32', values),
    } as const;
  });
  return openCheckpoint(
    memoryFolder(label, { 'config.json': '{}', 'model.safetensors': buildSafetensors(tensors, new Map()) }),
  );
}

async function found(base: Checkpoint, vlm: Checkpoint, lrm: Checkpoint) {
  const paired = (checkpoint: Checkpoint) => ({
    label: checkpoint.label,
    spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()),
    tensors: checkpoint.tensors,
    adapted: checkpoint.adapted,
  });
  const { slots } = pairModels({ base: paired(base), vlm: paired(vlm), lrm: paired(lrm) });
  const { signal } = new AbortController();
  const findings = await sampledFindings({ base, vlm, lrm }, slots, ['lrm', 'vlm'], signal);
  return findings.filter(({ severity }) => severity !== 'info');
}

const all = rows * columns;
const zeros = (from: number, to: number) => (values: Float32Array, layer: number) => {
  if (layer === 3) values.fill(0, Math.round(from * all), Math.round(to * all));
};

test.each<[string, number, number, number]>([
  ['the second half, as of a download that was filled up', 0.5, 1, 50],
  ['the first half', 0, 0.5, 50],
  ['the half in the middle', 0.25, 0.75, 50],
  ['the last tenth', 0.9, 1, 10],
  ['all but the beginning', 0.1, 1, 90],
])('%s of a matrix being zeros is said, of whichever model', async (_, from, to, percent) => {
  const change = zeros(from, to);
  const three = async (bad: string) =>
    found(
      await model('base', 0, bad === 'base' ? change : undefined),
      await model('see', 0.05, bad === 'vlm' ? change : undefined),
      await model('think', 0.2, bad === 'lrm' ? change : undefined),
    );
  for (const role of ['lrm', 'vlm', 'base']) {
    const [finding] = (await three(role)).filter(({ code }) => code.endsWith('-zero-stretches'));
    expect(finding).toMatchObject({
      code: `${role}-zero-stretches`,
      severity: 'warning',
      tensors: [nameOf(3)],
    });
    const said = Number(/about (\d+) % of it/.exec(finding?.message ?? '')?.[1]);
    expect(Math.abs(said - percent)).toBeLessThan(12);
  }
});

test('nothing is said of zeros that all models have, nor of single ones', async () => {
  const half = zeros(0.5, 1);
  const shared = async (label: string, far: number) => model(label, far, half);
  expect(await found(await shared('b', 0), await shared('see', 0.05), await shared('think', 0.2))).toEqual(
    [],
  );
  const pruned = await model('pruned one', 0.2, (values) =>
    values.forEach((_, i) => i % 2 && (values[i] = 0)),
  );
  expect(await found(await model('b', 0), await model('see', 0.05), pruned)).toEqual([]);
});

test('layers of nothing but zeros are told once', async () => {
  const [base, see, think] = [await model('base', 0), await model('see', 0.05), await model('thinks', 0.2)];
  const halved = (far: number) => model('nothing', far, (values, layer) => layer % 2 && values.fill(0));
  const empty = await halved(0.2);
  const codes = async (...three: [Checkpoint, Checkpoint, Checkpoint]) =>
    (await found(...three)).map(({ code }) => code);
  expect(await codes(base, see, empty)).toEqual(['lrm-layers-zero']);
  expect(await codes(base, empty, think)).toEqual(['vlm-layers-zero']);
  expect(await codes(await halved(0), see, think)).toEqual(['base-layers-zero']);
});
