import { beforeAll, describe, expect, it } from 'vitest';
import { readArrays } from '../../../test/checkpoint.ts';
import { StudioError } from '../../../core/errors.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { openAdapter, isAdapter } from './adapter.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from '../contract.ts';
import { nodeDirectory } from '../folders/directory.node.ts';
import { memoryFolder } from '../folders/memory-folder.ts';

const folder = (name: string) => nodeDirectory(`zoo/reference/adapter/${name}`, name);
let base: Checkpoint;
let merged: Awaited<ReturnType<typeof readArrays>>;
beforeAll(async () => {
  base = await openCheckpoint(folder('base'));
  merged = await readArrays('zoo/reference/adapter/merged.safetensors');
});

describe('a LoRA adapter read as a model', () => {
  it.each([
    ['plain', 14],
    ['rslora', 14],
    ['patterns', 8],
  ])('%s: the weights that peft merges, and the base everywhere else', async (name, adapted) => {
    expect(await isAdapter(folder(name))).toBe(true);
    const model = await openAdapter(folder(name), base);
    expect(model.adapted?.size).toBe(adapted);
    expect([...model.tensors.keys()]).toEqual([...base.tensors.keys()]);
    for (const tensor of base.tensors.keys()) {
      const values = await model.readFloat32(tensor);
      if (!model.adapted?.has(tensor)) {
        expect(values).toEqual(await base.readFloat32(tensor));
        expect(await model.lowRank?.(tensor)).toBeNull();
        continue;
      }
      const expected = merged(`${name}/${tensor}`).data;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, i) =>
        expect(Math.abs(value - (expected[i] ?? 0)), `${tensor}[${i}]`).toBeLessThan(2e-6 * largest),
      );
      expect(model.tensors.get(tensor)).toMatchObject({ dtype: 'F32', sizeBytes: 4 * values.length });
      expect(new Float32Array((await model.readRange(tensor, 16, 32)).buffer)).toEqual(values.slice(4, 8));
    }
  });

  it('is not a plain checkpoint, and a plain checkpoint is not one', async () => {
    expect(await isAdapter(folder('base'))).toBe(false);
    await expect(openCheckpoint(memoryFolder('x', { 'config.json': '{}' }))).rejects.toMatchObject({
      code: 'missing',
    });
  });
});

describe('refuses', () => {
  const weights = async (name = 'plain') => {
    const source = await folder(name).open('adapter_model.safetensors');
    return (await source?.read(0, source.sizeBytes)) ?? new Uint8Array();
  };
  const config = async () =>
    JSON.parse((await readText('plain', 'adapter_config.json')) ?? '') as Record<string, unknown>;
  const readText = async (name: string, path: string) => {
    const source = await folder(name).open(path);
    return source && new TextDecoder().decode(await source.read(0, source.sizeBytes));
  };
  const open = async (changes: Record<string, unknown>, on = base) =>
    openAdapter(
      memoryFolder('a', {
        'adapter_config.json': JSON.stringify({ ...(await config()), ...changes }),
        'adapter_model.safetensors': await weights(),
      }),
      on,
    );

  it.each([
    [{ peft_type: 'IA3' }, /type "IA3"/],
    [{ use_dora: true }, /DoRA/],
    [{ fan_in_fan_out: true }, /transposed/],
    [{ lora_alpha: 'much' }, /lora_alpha must be a positive number/],
    [{ lora_alpha: 1e39 }, /lora_alpha must be a positive number/],
    [{ lora_alpha: 1e-60 }, /lora_alpha must be a positive number/],
    [{ lora_alpha: 0 }, /positive/],
    [{ alpha_pattern: { '(a+)+$': 3 } }, /only plain module names/],
    [{ layer_replication: [[0, 4]] }, /replicates layers/],
    [{ lora_alpha: -1e308 }, /positive/],
    [{ alpha_pattern: { ['q'.repeat(10_000)]: 3 } }, /only plain module names/],
    [{ alpha_pattern: { '../../etc/passwd': 3 } }, /only plain module names/],
  ])('%j', async (changes, message) => {
    await expect(open(changes)).rejects.toThrow(message);
  });

  it('an adapter of another model, naming tensor and shapes', async () => {
    const other = await openCheckpoint(nodeDirectory('public/models/demo/base', 'demo'));
    await expect(open({}, other)).rejects.toMatchObject({
      code: 'mismatch',
      details: { tensor: expect.stringContaining('lora_A') as string },
    });
  });

  const crafted = (a: Record<string, readonly [readonly number[], readonly number[]]>) =>
    buildSafetensors(
      Object.entries(a).map(([name, [shape, values]]) => ({
        name,
        dtype: 'F32' as const,
        shape,
        bytes: new Uint8Array(Float32Array.from(values).buffer),
      })),
      new Map(),
    );
  const openWith = async (tensors: Parameters<typeof crafted>[0], text?: string) =>
    openAdapter(
      memoryFolder('a', {
        'adapter_config.json': text ?? JSON.stringify(await config()),
        'adapter_model.safetensors': crafted(tensors),
      }),
      base,
    );
  const pair = (module: string, rows = 16, rank = 1, fill = 0) => ({
    [`base_model.model.${module}.lora_A.weight`]: [[rank, 16], Array<number>(16 * rank).fill(fill)] as const,
    [`base_model.model.${module}.lora_B.weight`]: [
      [rows, rank],
      Array<number>(rows * rank).fill(fill),
    ] as const,
  });
  const q = 'model.layers.0.self_attn.q_proj';

  it('of modules that its configuration does not name has only the others, as with peft, which is said', async () => {
    const v = q.replace('q_proj', 'v_proj');
    const file = { ...pair(q, 16, 1, 1), ...pair(v, base.tensors.get(`${v}.weight`)!.shape[0], 1, 1) };
    const named = async (targets: unknown) =>
      openWith(
        file,
        JSON.stringify({ ...(await config()), r: 1, rank_pattern: {}, target_modules: targets }),
      );
    const [some, whole, expression] = [
      await named(['q_proj']),
      await named(['q_proj', 'v_proj']),
      await named('(?i).*'),
    ];
    const [read, none] = [await named(String.raw`.*\.(?:q|k)_proj`), await named('.*')];
    expect([...(read.adapted?.keys() ?? [])]).toEqual([`${q}.weight`]);
    expect(read.findings).toMatchObject([{ code: 'adapter-factors-left-out', tensors: [v] }]);
    expect([none.adapted?.size, none.findings]).toEqual([2, []]);
    expect([...(some.adapted?.keys() ?? [])]).toEqual([`${q}.weight`]);
    expect(some.findings).toMatchObject([
      { code: 'adapter-factors-left-out', severity: 'warning', tensors: [v] },
    ]);
    expect([whole.adapted?.size, whole.findings]).toEqual([2, []]);
    expect([expression.adapted?.size, expression.findings]).toMatchObject([
      2,
      [{ code: 'adapter-modules-not-compared', severity: 'warning' }],
    ]);
  });

  it.each([['lm_head'], ['embed_tokens'], ['model.norm'], ['input_layernorm']])(
    'that promises %s whole and does not hold it is refused, as peft cannot load it',
    async (name) => {
      const own = { ...(await config()), r: 1, rank_pattern: {} };
      await expect(
        openWith(pair(q), JSON.stringify({ ...own, modules_to_save: [name] })),
      ).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringMatching(`does not hold .*${name}, which modules_to_save`),
      });
    },
  );

  it('may name modules to be saved that the base does not have, as peft writes for classifiers', async () => {
    const own = { ...(await config()), r: 1, rank_pattern: {} };
    const model = await openWith(
      pair(q),
      JSON.stringify({ ...own, modules_to_save: ['classifier', 'score'] }),
    );
    expect(model.findings).toEqual([]);
    await expect(openWith(pair(q), JSON.stringify({ ...own, modules_to_save: 'lm_head' }))).rejects.toThrow(
      /modules_to_save must be a list/,
    );
  });

  it.each(['model.language_model.layers.0', 'language_model.model.layers.0', 'model.text_model.layers.0'])(
    'with the names of a vision-language model (%s) on a language model is said to be so',
    async (layer) => {
      const own = { ...(await config()), r: 1, rank_pattern: {} };
      const module = q.replace('model.layers.0', layer);
      const model = await openWith(
        Object.fromEntries(
          Object.entries(pair(q)).map(([name, tensor]) => [name.replace(q, module), tensor]),
        ),
        JSON.stringify(own),
      );
      expect([...(model.adapted?.keys() ?? [])]).toEqual([`${q}.weight`]);
      expect(model.findings).toMatchObject([
        { code: 'adapter-of-vision-language-model', severity: 'warning', tensors: [module] },
      ]);
    },
  );

  it('beside a whole model is said to be used in its place', async () => {
    const beside = (files: Record<string, string>) =>
      config().then((own) =>
        openAdapter(
          memoryFolder('a', {
            'adapter_config.json': JSON.stringify({ ...own, r: 1, rank_pattern: {} }),
            'adapter_model.safetensors': crafted(pair(q)),
            ...files,
          }),
          base,
        ),
      );
    for (const whole of ['model.safetensors', 'model.safetensors.index.json'])
      expect((await beside({ 'config.json': '{}', [whole]: 'x' })).findings).toMatchObject([
        { code: 'model-beside-adapter', message: expect.stringContaining(whole) },
      ]);
    expect((await beside({ 'config.json': '{}' })).findings).toEqual([]);
  });

  it.each([
    [
      'a module that is a path',
      () => openWith(pair('../../etc/passwd')),
      /no module that adapter_config.json names/,
    ],
    [
      'factors that do not meet',
      () =>
        openWith({
          ...pair(q),
          [`base_model.model.${q}.lora_B.weight`]: [[16, 2], Array<number>(32).fill(0)],
        }),
      /do not make/,
    ],
    [
      'a factor without its other half',
      () => openWith({ [`base_model.model.${q}.lora_A.weight`]: [[1, 16], Array<number>(16).fill(0)] }),
      /holds .*q_proj\.lora_A\.weight and no lora_B for .*Download the adapter again/,
    ],
    [
      'the second factor alone',
      () => openWith({ [`base_model.model.${q}.lora_B.weight`]: [[16, 1], Array<number>(16).fill(0)] }),
      /holds .*q_proj\.lora_B\.weight and no lora_A for .*Download the adapter again/,
    ],
    ['a rank of zero', () => openWith({ ...pair(q, 16, 0) }), /do not make/],
    [
      'a whole matrix beside the factors',
      () =>
        openWith({
          ...pair(q),
          'base_model.model.model.layers.0.self_attn.k_proj.weight': [[8, 16], Array<number>(128).fill(1)],
        }),
      /holds .*k_proj\.weight whole/,
    ],
    ['nothing of LoRA', () => openWith({ a: [[1], [1]] }), /holds no LoRA factors/],
    [
      'an alpha beyond numbers',
      async () =>
        openWith(pair(q), JSON.stringify(await config()).replace('"lora_alpha":12', '"lora_alpha":1e999')),
      /lora_alpha must be a positive number/,
    ],
    [
      'an alpha that is NaN',
      async () =>
        openWith(pair(q), JSON.stringify(await config()).replace('"lora_alpha":12', '"lora_alpha":NaN')),
      /lora_alpha must be a positive number, not NaN/,
    ],
    [
      'a config of nothing but brackets',
      () => openWith(pair(q), '['.repeat(2 ** 20)),
      /nested more than 100 deep/,
    ],
    ['a config of megabytes', () => openWith(pair(q), ' '.repeat(3 * 2 ** 20)), /too long/],
  ])('%s', async (_, open, message) => {
    await expect(open()).rejects.toThrow(message);
    await expect(open()).rejects.toBeInstanceOf(StudioError);
  });

  it('factors of another rank than the config says: their scale is not known', async () => {
    const claimed = (r: number, rank_pattern: Record<string, number>) => async () =>
      openWith(pair(q, 16, 2, 1), JSON.stringify({ ...(await config()), r, rank_pattern }));
    await expect(claimed(1e9, {})()).rejects.toThrow(/has rank 1000000000, but its factors have rank 2/);
    await expect(claimed(2, { q_proj: 1e12 })()).rejects.toThrow(/has rank 1000000000000/);
    const model = await claimed(1e9, { q_proj: 2 })();
    expect(model.adapted?.get(`${q}.weight`)).toEqual({ rank: 2, sizeBytes: 4 * 2 * 32 });
    expect((await model.lowRank?.(`${q}.weight`))?.scale).toBe(6);
  });

  it('broken JSON and a config of another kind', async () => {
    const file = await weights();
    await expect(
      openAdapter(memoryFolder('a', { 'adapter_config.json': '{', 'adapter_model.safetensors': file }), base),
    ).rejects.toMatchObject({ code: 'bad-file' });
    await expect(
      openAdapter(
        memoryFolder('a', { 'adapter_config.json': '[]', 'adapter_model.safetensors': file }),
        base,
      ),
    ).rejects.toMatchObject({ code: 'bad-file' });
  });
});
