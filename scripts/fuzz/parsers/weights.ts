/** Weights: safetensors, their index, numbered files, adapters, stored codes. */
import { parseLoraConfig } from '../../../core/family/adapter-config.ts';
import { modulePattern } from '../../../core/family/adapter-patterns.ts';
import { dtypeBytes } from '../../../core/safetensors/dtype.ts';
import { parseHeader } from '../../../core/safetensors/header.ts';
import { parseShardIndex } from '../../../core/safetensors/shard-index.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { openAdapter } from '../../../workers/io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../../workers/io/checkpoints/checkpoint.ts';
import { findShards } from '../../../workers/io/checkpoints/shards.ts';
import type { Checkpoint } from '../../../workers/io/contract.ts';
import { memoryFolder } from '../../../workers/io/folders/memory-folder.ts';
import { agree, anyOf, type Bytes, type ParserRow } from '../parser.ts';
import { asJson, bytesAt, decoded, encoded, textAt } from '../seeds.ts';

const adapters = 'zoo/reference/adapter';
const baseFolder = () =>
  memoryFolder('base', {
    'config.json': textAt(`${adapters}/base/config.json`),
    'model.safetensors': bytesAt(`${adapters}/base/model.safetensors`),
  });
let base: Promise<Checkpoint> | null = null;
const baseModel = (): Promise<Checkpoint> => (base ??= openCheckpoint(baseFolder()));

/** More than the seeds have; a reader that gives more has believed a number of the file. */
const mostNumbers = 2 ** 22;

async function readAll(checkpoint: Checkpoint): Promise<void> {
  for (const { name, shape, sizeBytes } of checkpoint.tensors.values()) {
    agree(sizeBytes <= 4 * mostNumbers, `${name} is said to have ${sizeBytes} bytes.`);
    const count = shape.reduce((all, size) => all * size, 1);
    const values = await checkpoint.readFloat32(name).catch((thrown: unknown) => thrown);
    if (values instanceof Error) {
      if (!/not computed|cannot be/.test(values.message)) throw values;
    } else
      agree((values as Float32Array).length === count, `${name} has not the numbers that its shape says.`);
    await checkpoint.lowRank?.(name);
  }
}

/** The rules of the reference crate (safetensors 0.8, Metadata::validate), written down a second time. */
function checkHeader(file: Bytes): void {
  const { tensors, dataBegin } = parseHeader(file, file.length, 'a.safetensors');
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const root = JSON.parse(decoded(file.subarray(8, 8 + length))) as Record<string, Record<string, unknown>>;
  const names = Object.keys(root).filter((name) => name !== '__metadata__');
  agree(names.length === tensors.length, 'It has other tensors than JSON.parse finds.');
  agree(dataBegin === 8 + length, 'Its data begin elsewhere.');
  let at = dataBegin;
  for (const { name, dtype, shape, begin, end } of tensors) {
    const bits = 8 * dtypeBytes[dtype] * shape.reduce((all, size) => all * size, 1);
    agree(begin === at && end - begin === bits / 8, `${name} does not lie where the tensor before it ends.`);
    agree(Object.hasOwn(root, name), `${name} is not in the file.`);
    at = end;
  }
  agree(at === file.length, 'It has bytes that belong to no tensor.');
}

const tiny = (i = 0): Bytes =>
  buildSafetensors(
    [
      { name: `model.a${i}`, dtype: 'F32', shape: [2, 3], bytes: new Uint8Array(24).fill(63) },
      { name: `model.b${i}`, dtype: 'BF16', shape: [4], bytes: new Uint8Array(8).fill(62) },
      { name: `model.c${i}`, dtype: 'I64', shape: [], bytes: new Uint8Array(8) },
    ],
    new Map([['format', 'pt']]),
  );
const headerWords = [
  'dtype',
  'shape',
  'data_offsets',
  '__metadata__',
  'F32',
  'BF16',
  'F8_E4M3',
  'F4',
  'BOOL',
  'format',
  'pt',
];
const modules = ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.down_proj', 'lm_head', ''];

/** The weights of an adapter with the config that belongs to them. */
const adapterRow = (name: string): ParserRow => ({
  name: `adapter_model.safetensors as in adapter/${name}, and its products`,
  shape: 'safetensors',
  seeds: () => [bytesAt(`${adapters}/${name}/adapter_model.safetensors`)],
  words: [
    'lora_A',
    'lora_B',
    'lora_embedding_A',
    'base_model.model.',
    '.weight',
    'modules_to_save',
    ...headerWords,
  ],
  parse: async (input) =>
    readAll(
      await openAdapter(
        memoryFolder('a', {
          'adapter_config.json': textAt(`${adapters}/${name}/adapter_config.json`),
          'adapter_model.safetensors': input,
        }),
        await baseModel(),
      ),
    ),
  share: 0.15,
});

export const weightRows: readonly ParserRow[] = [
  {
    name: 'safetensors header',
    shape: 'safetensors',
    seeds: () => [tiny(), bytesAt('zoo/reference/safetensors/all-dtypes.safetensors')],
    words: headerWords,
    parse: checkHeader,
  },
  {
    name: 'model.safetensors of a folder, and its numbers',
    shape: 'safetensors',
    seeds: () => [tiny(), bytesAt('zoo/reference/safetensors/plain.safetensors')],
    words: headerWords,
    parse: async (input) =>
      readAll(await openCheckpoint(memoryFolder('m', { 'config.json': '{}', 'model.safetensors': input }))),
  },
  {
    name: 'model.safetensors.index.json',
    shape: 'json',
    seeds: () => [
      asJson({
        metadata: { total_size: 40 },
        weight_map: {
          'model.a': 'model-00001-of-00002.safetensors',
          'model.b': 'model-00002-of-00002.safetensors',
        },
      }),
      asJson({ weight_map: { a: 'x.safetensors', b: 'x.safetensors' } }),
    ],
    words: [
      'weight_map',
      'metadata',
      'total_size',
      '../x.safetensors',
      'model.safetensors.index.json',
      '/x.safetensors',
    ],
    parse(input) {
      const { shards, weightMap } = parseShardIndex(decoded(input), 'index');
      for (const file of shards.keys())
        agree(/^[^/\\]+\.safetensors$/.test(file) && !file.startsWith('..'), `It names the file ${file}.`);
      for (const [tensor, file] of weightMap)
        agree(shards.get(file)?.includes(tensor) ?? false, 'A tensor has no shard.');
    },
  },
  {
    name: 'names of the files of a folder (findShards)',
    shape: 'text',
    seeds: () => [
      encoded('config.json\nmodel-00001-of-00002.safetensors\nmodel-00002-of-00002.safetensors\n'),
      encoded('config.json\nfinetuned.safetensors\npytorch_model.bin\nconsolidated.00.pth'),
      encoded('a/model.safetensors\nb/model.safetensors\nmodel.safetensors\nmodel.gguf'),
    ],
    words: [
      'model.safetensors',
      '00001',
      '-of-',
      '99999',
      '.safetensors',
      'adapter_config.json',
      '/',
      '..',
      '\n',
    ],
    parse(input) {
      const names = decoded(input).split('\n').slice(0, 50);
      return findShards(memoryFolder('m', Object.fromEntries(names.map((name, i) => [name, tiny(i)]))));
    },
  },
  {
    name: 'adapter_config.json',
    shape: 'json',
    seeds: () =>
      [
        'plain',
        'patterns',
        'rslora',
        'variants/token-rows',
        'variants/pissa-patterns',
        'variants/expressions',
      ].map((name) => bytesAt(`${adapters}/${name}/adapter_config.json`)),
    words: [
      'r',
      'lora_alpha',
      'rank_pattern',
      'alpha_pattern',
      'target_modules',
      'init_lora_weights',
      'use_dora',
      '(a+)+$',
    ],
    parse(input) {
      const config = parseLoraConfig(decoded(input), 'adapter_config.json');
      for (const module of modules) {
        config.tokenIndices?.(module);
        config.loads?.(module);
      }
      const scaleOf = (rank: number) => () => {
        const scale = config.scaling('model.layers.0.self_attn.q_proj', rank);
        agree(Number.isFinite(scale), `Its scale is ${scale}.`);
      };
      anyOf([1, 2, 3, 4, 8].map(scaleOf));
    },
  },
  {
    name: 'adapter_config.json of a folder, and its products',
    shape: 'json',
    seeds: () => [
      bytesAt(`${adapters}/plain/adapter_config.json`),
      bytesAt(`${adapters}/rslora/adapter_config.json`),
    ],
    words: [
      'r',
      'lora_alpha',
      'rank_pattern',
      'alpha_pattern',
      'target_modules',
      'modules_to_save',
      'layers_pattern',
    ],
    parse: async (input) =>
      readAll(
        await openAdapter(
          memoryFolder('a', {
            'adapter_config.json': input,
            'adapter_model.safetensors': bytesAt(`${adapters}/plain/adapter_model.safetensors`),
          }),
          await baseModel(),
        ),
      ),
    share: 0.3,
  },
  ...['plain', 'rslora', 'variants/saved-norm-and-head', 'variants/token-rows', 'variants/embedding'].map(
    adapterRow,
  ),
  {
    name: 'names of modules in an adapter (modulePattern)',
    shape: 'text',
    seeds: () => ['model\\.layers\\.\\d+\\.mlp', '.*\\.(q|v)_proj', '^lm_head$', '[0-9]+.x?'].map(encoded),
    words: ['\\d', '.*', '(?:', ')', '|', '[a-z]', '+', '?', '^', '$', '\\.'],
    parse(input) {
      const matches = modulePattern(decoded(input));
      for (const module of [...modules, 'a.'.repeat(249)]) matches?.(module);
    },
  },
  {
    name: 'weights that are stored as codes with scales',
    shape: 'safetensors',
    seeds: () => [bytesAt('zoo/reference/quantised/fp8/model.safetensors')],
    words: ['weight_scale', 'weight_scale_inv', 'F8_E4M3', ...headerWords],
    parse: async (input) =>
      readAll(
        await openCheckpoint(
          memoryFolder('m', {
            'config.json': textAt('zoo/reference/quantised/fp8/config.json'),
            'model.safetensors': input,
          }),
        ),
      ),
    share: 0.2,
  },
];
