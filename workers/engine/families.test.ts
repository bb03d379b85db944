/** Folders of other families through the whole engine: opened, paired, decomposed, and asked about an image of their own size. */
import { beforeAll, expect, it } from 'vitest';
import { readFixture } from '../../test/fixtures.ts';
import { readVlm, rgba } from '../../test/vlm.ts';
import { buildSafetensors, type TensorData } from '../../src/core/safetensors/write.ts';
import type { EngineApi } from '../../src/protocol/engine.ts';
import type { FolderSource, RgbaImage } from '../../src/protocol/session.ts';
import { nodeHost } from '../backend/host.node.ts';
import { startBackend } from '../backend/start.ts';
import { nodeDirectory } from '../io/directory.node.ts';
import { memoryFactorCache } from '../io/memory-factor-cache.ts';
import { memoryOutput } from '../io/memory-output.ts';
import { loadPrompter } from '../nn/prompter.ts';
import { createEngine } from './createEngine.ts';

let engine: EngineApi;

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 20),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
}, 60_000);

const blob = (bytes: BlobPart) => new Blob([bytes]);
const textChat = "{% for turn in messages %}{{ turn['content'] }}{% endfor %}";

/** The language model inside a reference checkpoint as a checkpoint of its own, its linear layers moved by `shift`. */
async function textFolder(name: string, label: string, shift: number): Promise<FolderSource> {
  const { checkpoint, spec } = await readVlm(name);
  const prefix = spec.names.layers.replace(/layers\.$/, '');
  const tensors: TensorData[] = [];
  for (const tensor of checkpoint.tensors.values()) {
    const own = tensor.name === spec.names.head ? 'lm_head.weight' : tensor.name.startsWith(prefix) ? `model.${tensor.name.slice(prefix.length)}` : null;
    if (own === null) continue;
    const values = await checkpoint.readFloat32(tensor.name);
    if (own.endsWith('_proj.weight')) values.forEach((value, i) => (values[i] = value + shift * Math.sin(i)));
    tensors.push({ name: own, dtype: 'F32', shape: tensor.shape, bytes: new Uint8Array(values.buffer) });
  }
  const inner = (checkpoint.config as { readonly text_config: Record<string, unknown> }).text_config;
  const config = { ...inner, architectures: [{ llama: 'LlamaForCausalLM', qwen2: 'Qwen2ForCausalLM', qwen3: 'Qwen3ForCausalLM' }[spec.text.family]], tie_word_embeddings: spec.text.tiedEmbeddings };
  const files = {
    'config.json': JSON.stringify(config),
    'chat_template.jinja': textChat,
    'tokenizer.json': await readFixture(`zoo/reference/vlm/${name}/tokenizer.json`),
    'tokenizer_config.json': await readFixture(`zoo/reference/vlm/${name}/tokenizer_config.json`),
    'model.safetensors': buildSafetensors(tensors, new Map()),
  };
  return { label, files: Object.entries(files).map(([path, content]) => ({ path, file: blob(content) })) };
}

async function vlmFolder(name: string): Promise<FolderSource> {
  const files = ['config.json', 'chat_template.jinja', 'tokenizer.json', 'tokenizer_config.json', 'processor_config.json', 'model.safetensors'];
  return { label: name, files: await Promise.all(files.map(async (path) => ({ path, file: blob(await readFixture(`zoo/reference/vlm/${name}/${path}`)) }))) };
}

it.each(['llava-clip', 'smolvlm', 'llava-onevision', 'internvl-qwen2'])('%s answers as in transformers, and so does the merge where all gates are closed', async (name) => {
  const { checkpoint, spec, reference, arrays } = await readVlm(name);
  const session = await engine.open('open', { kind: 'folders', base: await textFolder(name, 'base', 0), vlm: await vlmFolder(name), lrm: await textFolder(name, 'lrm', 0.02) }, () => undefined);
  expect(session.slots).toHaveLength(7 * spec.text.layers);
  expect(session.forward).toMatchObject({ available: true });
  expect(session.pairing.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  await engine.setGates(1, { indices: Uint32Array.from({ length: session.layout.size }, (_, i) => i), values: new Float32Array(session.layout.size), locks: new Uint8Array(session.layout.size) });
  const prompter = await loadPrompter(checkpoint, spec);
  for (const i of [0, 2]) {
    const { question, answer } = reference.cases[i]!;
    const result = await engine.answer(`ask ${i}`, { image: rgba(arrays(`image.${i}`)) as RgbaImage, question, lambda: 1, maxTokens: reference.maxTokens });
    expect(result.vlm.text).toBe(prompter.decode(answer));
    expect(result.merged.text).toBe(result.vlm.text);
    expect(result.lrm.tokens).toBeGreaterThan(0);
  }
}, 60_000);

it('says in the session why a trio whose images are cut for another tower cannot be run', async () => {
  const vlm = await vlmFolder('llava-clip');
  const processor = JSON.parse(new TextDecoder().decode(await readFixture('zoo/reference/vlm/llava-clip/processor_config.json'))) as { image_processor: Record<string, unknown> };
  const other = JSON.stringify({ ...processor, image_processor: { ...processor.image_processor, crop_size: { height: 40, width: 40 } } });
  const files = vlm.files.map((one) => (one.path === 'processor_config.json' ? { ...one, file: blob(other) } : one));
  const session = await engine.open('open', { kind: 'folders', base: await textFolder('llava-clip', 'base', 0), vlm: { ...vlm, files }, lrm: await textFolder('llava-clip', 'lrm', 0.02) }, () => undefined);
  expect(session.forward).toEqual({ available: false, reason: 'llava-clip prepares images of 40 × 40 pixels, but its vision tower takes 32 × 32.' });
}, 60_000);
