/**
 * Every kind of LoRA adapter that is read, against what peft makes of it on loading
 * (zoo/reference/adapter/variants.py): the weights of linear layers, and the logits of the whole model.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftPadded } from '../../../test/batch.ts';
import { readArrays } from '../../../test/checkpoint.ts';
import { startDevice } from '../../../test/device.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { adapterConfigRules } from '../../../core/family/adapter-config.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { isIdle } from '../../../core/reading/rules.ts';
import { relativeError } from '../../backend/reference.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { hashCheckpoint } from '../../io/hash.ts';
import { thinSvdOfProduct } from '../../kernels/svd/product.ts';
import { loadTextModel } from '../../nn/text-model.ts';
import { openAdapterOn } from './open-adapter.ts';

interface Expected {
  readonly ids: readonly number[];
  /** The base of each adapter. */
  readonly on: Readonly<Record<string, string>>;
  /** Every key of peft's LoraConfig with its default. */
  readonly lora_config: Readonly<Record<string, unknown>>;
}

const root = 'zoo/reference/adapter';
const place = (path: string) => nodeDirectory(`${root}/${path}`, path);
const reference = await readJsonFixture<Expected>(`${root}/variants/expected.json`);
const arrays = await readArrays(`${root}/variants/expected.safetensors`);

beforeAll(async () => {
  await startDevice();
});

async function logitsOf(checkpoint: Checkpoint): Promise<Float32Array> {
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind !== 'text') throw new Error(`read as ${spec.kind}`);
  const model = await loadTextModel(checkpoint, spec.text, spec.names);
  const batch = leftPadded([[...reference.ids]]);
  const logits = tf.tidy(() =>
    model.logits(model.embed(batch), batch, model.linears, Int32Array.from(reference.ids.keys())),
  );
  const values = Float32Array.from(await logits.data());
  logits.dispose();
  model.dispose();
  return values;
}

describe.each(Object.entries(reference.on))('%s', (name, on) => {
  let base: Checkpoint;
  let model: Checkpoint;
  beforeAll(async () => {
    base = await openCheckpoint(place(on));
    model = await openAdapterOn(place(`variants/${name}`), base);
  });

  it('has the logits of peft', async () => {
    expect(relativeError(await logitsOf(model), arrays(`${name}/logits`).data)).toBeLessThan(1e-5);
  });

  it('says of every tensor of its file what is done with it', async () => {
    const differs = [];
    for (const [tensor, entry] of model.tensors) {
      const own = base.tensors.get(tensor);
      const same = own && Buffer.from(await model.readRaw(tensor)).equals(await base.readRaw(tensor));
      if (!same) differs.push(tensor);
      expect(entry.sizeBytes).toBe((await model.readRaw(tensor)).length);
      expect(await model.readRange(tensor, 4, 12)).toEqual((await model.readRaw(tensor)).slice(4, 12));
    }
    const told = [...(model.adapted?.keys() ?? []), ...(model.replaced ?? [])];
    expect(told).toEqual(expect.arrayContaining(differs));
    const beyond = told.filter((tensor) => !tensor.includes('_proj.weight')).sort();
    const named = model.findings?.find(({ code }) => code === 'adapter-beyond-layers')?.tensors ?? [];
    expect([...named].sort()).toEqual(beyond);
    expect(await hashCheckpoint(model)).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** A decomposition by LAPACK in float32, as peft has it, is off by this share; by ours and in float64 it is less. */
const ofPissa = 1e-5;

it.each([
  ['pissa-untrained', ofPissa],
  ['pissa', ofPissa],
  ['pissa-patterns', ofPissa],
  ['olora-untrained', 2e-6],
  ['olora', 2e-6],
  ['orthogonal-untrained', 2e-6],
  ['gaussian', 2e-6],
  ['expressions', 2e-6],
] as const)('%s has the linear layers that peft makes', async (name, share) => {
  const model = await openAdapterOn(
    place(`variants/${name}`),
    await openCheckpoint(place(reference.on[name] ?? '')),
  );
  expect(model.adapted?.size).toBe(4);
  for (const tensor of model.adapted?.keys() ?? [])
    expect(
      relativeError(await model.readFloat32(tensor), arrays(`${name}/${tensor}`).data),
      tensor,
    ).toBeLessThan(share);
});

it.each(['pissa-untrained', 'olora-untrained', 'orthogonal-untrained'])(
  '%s changes nothing, as with peft',
  async (name) => {
    const base = await openCheckpoint(place(reference.on[name] ?? ''));
    const model = await openAdapterOn(place(`variants/${name}`), base);
    expect(relativeError(await logitsOf(model), await logitsOf(base))).toBeLessThan(1e-5);
    for (const tensor of model.adapted?.keys() ?? []) {
      const [rows = 0, columns = 0] = model.tensors.get(tensor)?.shape ?? [];
      const low = await model.lowRank?.(tensor);
      if (!low) throw new Error(`${tensor} has no factors`);
      const { s } = thinSvdOfProduct(low.b, low.a, rows, low.rank, columns, low.scale);
      const norm = Math.hypot(...(await base.readFloat32(tensor)));
      expect(s[0] ?? NaN, tensor).toBeLessThan(ofPissa * norm);
    }
  },
);

it('what began as a part of the base reads the base too, which counts, and a cancel ends it', async () => {
  const base = await openCheckpoint(place(reference.on['pissa'] ?? ''));
  const stop = new AbortController();
  const read: string[] = [];
  const cancelling: typeof base = {
    ...base,
    async readFloat32(tensor, signal) {
      read.push(tensor);
      stop.abort();
      return base.readFloat32(tensor, signal);
    },
  };
  const [began, plain] = [
    await openAdapterOn(place('variants/pissa'), cancelling),
    await openAdapterOn(place('variants/gaussian'), base),
  ];
  const [tensor = ''] = began.adapted?.keys() ?? [];
  const own = base.tensors.get(tensor)?.sizeBytes ?? NaN;
  expect(began.adapted?.get(tensor)?.sizeBytes).toBeGreaterThan(own);
  expect(plain.adapted?.get(tensor)?.sizeBytes).toBeLessThan(own);
  await expect(began.lowRank?.(tensor, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(read).toEqual([tensor]);
});

it('knows every key of the LoraConfig of peft, and says nothing of one that is left at its default', () => {
  for (const [key, value] of Object.entries(reference.lora_config)) {
    const rule = adapterConfigRules.keys[key];
    expect(rule, key).toBeDefined();
    if (rule?.treatment === 'refused') expect(isIdle(value, rule), key).toBe(true);
  }
});

it('PiSSA on a base that it was not trained on, or saved as plain LoRA since, is refused', async () => {
  const plain = place('variants/gaussian');
  const config = await plain.open('adapter_config.json');
  const text = new TextDecoder().decode(await config!.read(0, config!.sizeBytes));
  const weights = await plain.open('adapter_model.safetensors');
  const stale = memoryFolder('stale', {
    'adapter_config.json': JSON.stringify({ ...(JSON.parse(text) as object), init_lora_weights: 'pissa' }),
    'adapter_model.safetensors': await weights!.read(0, weights!.sizeBytes),
  });
  const model = await openAdapterOn(stale, await openCheckpoint(place('base')));
  const [tensor = ''] = model.adapted?.keys() ?? [];
  await expect(model.lowRank?.(tensor)).rejects.toThrow(/little in common.*init_lora_weights/);
  await expect(model.readFloat32(tensor)).rejects.toThrow(/trained on another base/);
});
