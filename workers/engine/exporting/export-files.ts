/**
 * The files beside the weights that `transformers` needs to load and run an exported model, copied from the
 * VLM unchanged.
 */
import { StudioError } from '../../../core/errors.ts';
import type { ModelFolder, OutputFolder } from '../../io/contract.ts';
import { copyFile } from '../../io/output/write-weights.ts';

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

/** @returns the files copied */
export async function copyCarriedFiles(
  vlm: ModelFolder,
  output: OutputFolder,
  signal: AbortSignal,
): Promise<string[]> {
  const copied: string[] = [];
  for (const path of carried) {
    const source = await vlm.open(path, signal);
    if (!source) continue;
    if (source.sizeBytes > maxBytes)
      throw new StudioError(
        'bad-file',
        `${source.name} is ${source.sizeBytes} bytes long; a file of this kind has at most ${maxBytes}.`,
        { details: { file: source.name, value: source.sizeBytes } },
      );
    await copyFile(source, output, path, signal);
    copied.push(path);
  }
  return copied;
}
