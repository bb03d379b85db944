/**
 * Trios of the reference checkpoints of zoo/reference/vlm as folders that a person picked: the VLM, and its
 * language model twice as base and LRM.
 */
import { textTypes } from '../core/family/text/text-types.ts';
import { buildSafetensors, type TensorData } from '../core/safetensors/write.ts';
import type { FolderSource, TrioSource } from '../protocol/session.ts';
import { readFixture } from './fixtures.ts';
import { readVlm } from './vlm.ts';

export const blob = (bytes: BlobPart) => new Blob([bytes]);
const textChat = "{% for turn in messages %}{{ turn['content'] }}{% endfor %}";

/**
 * The language model inside a reference checkpoint as a checkpoint of its own, its linear layers moved by
 * `shift`.
 */
export async function textFolder(name: string, label: string, shift: number): Promise<FolderSource> {
  const { checkpoint, spec } = await readVlm(name);
  const prefix = spec.names.layers.replace(/layers\.$/, '');
  const tensors: TensorData[] = [];
  for (const tensor of checkpoint.tensors.values()) {
    const own =
      tensor.name === spec.names.head
        ? 'lm_head.weight'
        : tensor.name.startsWith(prefix)
          ? `model.${tensor.name.slice(prefix.length)}`
          : null;
    if (own === null) continue;
    const values = await checkpoint.readFloat32(tensor.name);
    if (own.endsWith('_proj.weight')) values.forEach((value, i) => (values[i] = value + shift * Math.sin(i)));
    tensors.push({ name: own, dtype: 'F32', shape: tensor.shape, bytes: new Uint8Array(values.buffer) });
  }
  const inner = (checkpoint.config as { readonly text_config: Record<string, unknown> }).text_config;
  const config = {
    ...inner,
    architectures: [textTypes[spec.text.type].architecture ?? textTypes.qwen2.architecture],
    // The text inside Qwen2-VL is Qwen2, and has a type of its own there.
    model_type: textTypes[spec.text.type].architecture ? spec.text.type : 'qwen2',
    tie_word_embeddings: spec.text.tiedEmbeddings,
  };
  const files = {
    'config.json': JSON.stringify(config),
    'chat_template.jinja': textChat,
    'tokenizer.json': await readFixture(`zoo/reference/vlm/${name}/tokenizer.json`),
    'tokenizer_config.json': await readFixture(`zoo/reference/vlm/${name}/tokenizer_config.json`),
    'model.safetensors': buildSafetensors(tensors, new Map()),
  };
  return { label, files: Object.entries(files).map(([path, content]) => ({ path, file: blob(content) })) };
}

/** The reference checkpoint itself. */
export async function vlmFolder(name: string): Promise<FolderSource> {
  const files = [
    'config.json',
    'chat_template.jinja',
    'tokenizer.json',
    'tokenizer_config.json',
    'processor_config.json',
    'model.safetensors',
  ];
  return {
    label: name,
    files: await Promise.all(
      files.map(async (path) => ({
        path,
        file: blob(await readFixture(`zoo/reference/vlm/${name}/${path}`)),
      })),
    ),
  };
}

export const familyTrio = async (name: string): Promise<TrioSource> => ({
  kind: 'folders',
  base: await textFolder(name, 'base', 0),
  vlm: await vlmFolder(name),
  lrm: await textFolder(name, 'lrm', 0.02),
});
