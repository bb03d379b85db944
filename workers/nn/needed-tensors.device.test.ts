/** What core says a model needs is exactly what loading the model reads, in every family. */
import { beforeAll, expect, it } from 'vitest';
import { neededTensors } from '../../core/family/needed-tensors.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import { readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { vlmReferences } from '../../test/vlm.ts';
import type { Checkpoint } from '../io/contract.ts';
import { loadTextModel } from './text-model.ts';
import { loadVision } from './vision-model.ts';

beforeAll(async () => {
  await startDevice();
});

const folders = [
  ...['tiny-llama', 'tiny-tied-biased', 'tiny-qwen3', 'tiny-idefics3'].map(
    (name) => `zoo/reference/nn/${name}`,
  ),
  ...vlmReferences.map((name) => `zoo/reference/vlm/${name}`),
];

it.each(folders)('%s', async (folder) => {
  const stored = await readCheckpoint(folder);
  const spec = readModelSpec(stored.config, stored.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const read = new Set<string>();
  const checkpoint: Checkpoint = {
    ...stored,
    readFloat32(name, signal) {
      read.add(name);
      return stored.readFloat32(name, signal);
    },
    readRaw(name, signal) {
      read.add(name);
      return stored.readRaw(name, signal);
    },
  };
  const text = await loadTextModel(checkpoint, spec.text, spec.names);
  const vision = spec.kind === 'vlm' ? await loadVision(checkpoint, spec) : null;
  text.dispose();
  vision?.dispose();
  const biases = new RegExp(`^${spec.names.layers.replaceAll('.', '\\.')}.*_proj\\.bias$`);
  expect([...read].filter((name) => !biases.test(name)).sort()).toEqual(neededTensors(spec).sort());
});
