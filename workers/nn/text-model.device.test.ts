import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { expectAutogradsGateGradients, type GateReference } from '../../test/gates.ts';
import { readJsonFixture, sha256 } from '../../test/fixtures.ts';
import type { TextModelSpec } from '../../core/family/model-spec.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { relativeError } from '../backend/reference.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { TextModel } from './contract.ts';
import { loadTextModel } from './text-model.ts';

interface Reference {
  readonly prompts: number[][];
  readonly answers: number[][];
  readonly stopId: number;
  readonly maxTokens: number;
  readonly gates?: GateReference;
  /** Of the weights, where they are not made together with the reference. */
  readonly sha256?: string;
}

const cases = [
  { name: 'tiny-llama', checkpoint: 'zoo/reference/nn/tiny-llama' },
  // Also biases on every projection, and the embedding as output head.
  { name: 'tiny-tied-biased', checkpoint: 'zoo/reference/nn/tiny-tied-biased' },
  // Also norms of queries and keys.
  { name: 'tiny-qwen3', checkpoint: 'zoo/reference/nn/tiny-qwen3' },
  { name: 'demo-base', checkpoint: 'public/models/demo/base' },
  { name: 'demo-lrm', checkpoint: 'public/models/demo/lrm' },
];

async function load(
  folder: string,
  change: (checkpoint: Checkpoint, spec: TextModelSpec) => [Checkpoint, TextModelSpec] = (...same) => same,
): Promise<TextModel> {
  const stored = await readCheckpoint(folder);
  const read = readModelSpec(stored.config, stored.tensors.keys());
  if (read.kind !== 'text') throw new Error(`${folder} was read as ${read.kind}`);
  const [checkpoint, spec] = change(stored, read);
  return loadTextModel(checkpoint, spec.text, spec.names);
}

beforeAll(async () => {
  await startDevice();
});

for (const { name, checkpoint } of cases) {
  describe(name, () => {
    const folder = `zoo/reference/nn/${name}`;
    let model: TextModel;
    let reference: Reference;
    let arrays: Awaited<ReturnType<typeof readArrays>>;
    let tensorsBefore: number;

    beforeAll(async () => {
      tensorsBefore = tf.memory().numTensors;
      [reference, arrays] = [
        await readJsonFixture<Reference>(`${folder}/reference.json`),
        await readArrays(`${folder}/reference.safetensors`),
      ];
      model = await load(checkpoint);
    });

    // The demo's weights are trained apart from its reference.
    if (name.startsWith('demo')) {
      it('has a reference of these weights (else: python zoo/reference/nn/make.py --demo)', async () => {
        expect(await sha256(`${checkpoint}/model.safetensors`)).toBe(reference.sha256);
      });
    }

    it("gives transformers' logits at every position", async () => {
      for (const [i, row] of reference.prompts.entries()) {
        const batch = leftPadded([row]);
        const logits = tf.tidy(() =>
          model.logits(model.embed(batch), batch, model.linears, Int32Array.from(row.keys())),
        );
        expect(relativeError(await logits.data(), arrays(`logits.${i}`).data)).toBeLessThan(1e-4);
        logits.dispose();
      }
    });

    it('gives the same in one left-padded batch', async () => {
      const batch = leftPadded(reference.prompts);
      const positions = Int32Array.from(
        [...batch.ids.keys()].filter(
          (at) => at % batch.columns >= batch.padding[Math.floor(at / batch.columns)]!,
        ),
      );
      const logits = tf.tidy(() => model.logits(model.embed(batch), batch, model.linears, positions));
      const expected = reference.prompts.flatMap((_, i) => [...arrays(`logits.${i}`).data]);
      expect(relativeError(await logits.data(), expected)).toBeLessThan(1e-4);
      logits.dispose();
    });

    it("generates transformers' answers token for token, all rows at once, and leaves nothing behind", async () => {
      const batch = leftPadded(reference.prompts);
      const embedded = model.embed(batch);
      const left = await tensorsLeftBy(async () => {
        const answers = await model.generate(embedded, batch, model.linears, {
          maxTokens: reference.maxTokens,
          stopIds: [reference.stopId],
        });
        expect(answers).toEqual(reference.answers);
      });
      expect(left).toBe(0);
      embedded.dispose();
    });

    it('gives all its memory back', async () => {
      model.dispose();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    });
  });
}

for (const { name, checkpoint } of cases.slice(0, 3)) {
  it(`${name}: gate gradients are those of autograd, and nothing is left behind`, async () => {
    const { prompts, gates } = await readJsonFixture<Required<Reference>>(
      `zoo/reference/nn/${name}/reference.json`,
    );
    const arrays = await readArrays(`zoo/reference/nn/${name}/reference.safetensors`);
    const model = await load(checkpoint);
    const batch = leftPadded(prompts);
    const embedded = model.embed(batch);
    expect(
      await tensorsLeftBy(() => expectAutogradsGateGradients(model, embedded, batch, arrays, gates)),
    ).toBe(0);
    embedded.dispose();
    model.dispose();
  });
}

describe('loading', () => {
  const folder = 'zoo/reference/nn/tiny-llama';

  it('names the tensor that is missing, and gives back what it had loaded', async () => {
    const withoutNorm = (checkpoint: Checkpoint) =>
      new Map([...checkpoint.tensors].filter(([name]) => name !== 'model.norm.weight'));
    const left = await tensorsLeftBy(async () => {
      const loading = load(folder, (checkpoint, spec) => [
        { ...checkpoint, tensors: withoutNorm(checkpoint) },
        spec,
      ]);
      await expect(loading).rejects.toMatchObject({
        code: 'missing',
        details: { tensor: 'model.norm.weight' },
      });
    });
    expect(left).toBe(0);
  });

  it('refuses a shape that the configuration contradicts', async () => {
    const loading = load(folder, (checkpoint, spec) => [
      checkpoint,
      { ...spec, text: { ...spec.text, vocabSize: 61 } },
    ]);
    await expect(loading).rejects.toMatchObject({
      code: 'mismatch',
      details: { tensor: 'model.embed_tokens.weight' },
    });
  });

  it.each([
    ['heads', 'model.layers.0.self_attn.q_proj.weight'],
    ['intermediateSize', 'model.layers.0.mlp.gate_proj.weight'],
  ] as const)('refuses layers that contradict %s', async (key, tensor) => {
    const left = await tensorsLeftBy(async () => {
      const loading = load(folder, (checkpoint, spec) => [
        checkpoint,
        { ...spec, text: { ...spec.text, [key]: 2 * spec.text[key] } },
      ]);
      await expect(loading).rejects.toMatchObject({ code: 'mismatch', details: { tensor } });
    });
    expect(left).toBe(0);
  });

  it('refuses a text beyond which positions would be stretched', async () => {
    const model = await load(folder, (checkpoint, spec) => [
      checkpoint,
      { ...spec, text: { ...spec.text, rotary: { kind: 'scaled', plainPositions: 6 } } },
    ]);
    // The row that is longest counts, without its padding.
    const [batch, long] = [leftPadded([[5, 6, 7], [5]]), leftPadded([[5], [5, 6, 7, 8, 9, 10, 11]])];
    const [embedded, longEmbedded] = [model.embed(batch), model.embed(long)];
    const options = { maxTokens: 3, stopIds: [] };
    expect(await model.generate(embedded, batch, model.linears, options)).toHaveLength(2);
    await expect(
      model.generate(embedded, batch, model.linears, { ...options, maxTokens: 4 }),
    ).rejects.toMatchObject({ code: 'unsupported', details: { value: 6 } });
    expect(() => model.logits(longEmbedded, long, model.linears, Int32Array.of(0))).toThrow(
      'more than 6 tokens',
    );
    tf.dispose([embedded, longEmbedded]);
    model.dispose();
  });

  it('refuses a token that the embedding does not have', async () => {
    const model = await load(folder);
    expect(() => model.embed(leftPadded([[5, model.vocabulary]]))).toThrow(
      `gives the token ${model.vocabulary}`,
    );
    model.dispose();
  });
});

it('stops generating when aborted', async () => {
  const model = await load('zoo/reference/nn/tiny-llama');
  const batch = leftPadded([[5, 6, 7]]);
  const embedded = model.embed(batch);
  const left = await tensorsLeftBy(async () => {
    const options = { maxTokens: 50, stopIds: [], signal: AbortSignal.abort(new Error('enough')) };
    await expect(model.generate(embedded, batch, model.linears, options)).rejects.toThrow('enough');
  });
  expect(left).toBe(0);
  embedded.dispose();
  model.dispose();
});

/** transformers 5.23 gives the same logits with and without such biases in the file ("unexpected keys"). */
it("gives transformers' logits where a file holds biases that config.json does not ask for", async () => {
  const folder = 'zoo/reference/nn/tiny-llama';
  const model = await load(folder, (checkpoint, spec) => {
    const added = ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.up_proj'].flatMap((name) => {
      const rows = checkpoint.tensors.get(`model.layers.0.${name}.weight`)?.shape[0] ?? 0;
      return [[`model.layers.0.${name}.bias`, rows]] as const;
    });
    const rowsOf = new Map<string, number>(added);
    const tensors = new Map(checkpoint.tensors);
    for (const [name, rows] of added)
      tensors.set(name, {
        name,
        dtype: 'F32',
        shape: [rows],
        sizeBytes: 4 * rows,
        file: 'model.safetensors',
      });
    const readFloat32: Checkpoint['readFloat32'] = async (name, signal) => {
      const rows = rowsOf.get(name);
      return rows === undefined ? checkpoint.readFloat32(name, signal) : new Float32Array(rows).fill(1);
    };
    return [{ ...checkpoint, tensors, readFloat32 }, spec];
  });
  const reference = await readJsonFixture<Reference>(`${folder}/reference.json`);
  const arrays = await readArrays(`${folder}/reference.safetensors`);
  const [row = []] = reference.prompts;
  const batch = leftPadded([row]);
  const logits = tf.tidy(() =>
    model.logits(model.embed(batch), batch, model.linears, Int32Array.from(row.keys())),
  );
  expect(relativeError(await logits.data(), arrays('logits.0').data)).toBeLessThan(1e-4);
  logits.dispose();
  model.dispose();
});
