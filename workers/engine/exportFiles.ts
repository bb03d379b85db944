/** The files beside the weights that `transformers` needs to load and run an exported model, copied from the VLM unchanged. */
import { StudioError } from '../../src/core/errors.ts';
import type { ExportedFile } from '../../src/protocol/engine.ts';
import type { ModelFolder } from '../io/contract.ts';

const carried = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'chat_template.json',
  'preprocessor_config.json',
  'processor_config.json',
  'LICENSE',
  'NOTICE',
];
const maxBytes = 128 * 2 ** 20;

export async function carriedFiles(vlm: ModelFolder, signal: AbortSignal): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for (const path of carried) {
    const source = await vlm.open(path, signal);
    if (!source) continue;
    if (source.sizeBytes > maxBytes) throw new StudioError('bad-file', `${source.name} is ${source.sizeBytes} bytes long, too long for such a file.`, { details: { file: source.name, value: source.sizeBytes } });
    files.push({ path, bytes: await source.read(0, source.sizeBytes, signal) });
  }
  return files;
}
