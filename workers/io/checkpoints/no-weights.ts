/** Refusals of folders that hold no weights that are read. */
import { StudioError } from '../../../core/errors.ts';
import type { PassedOver } from '../../../core/reading/folder-rules.ts';
import { findOther, modelsInside, ownLayout, usualOthers } from '../../../core/reading/other-weights.ts';
import type { SafetensorsHeader } from '../../../core/safetensors/header.ts';
import type { ModelFolder } from '../contract.ts';

/** Throws, whatever is there. */
export async function refuseWithoutWeights(folder: ModelFolder, signal?: AbortSignal): Promise<never> {
  const names = await namesOf(folder, signal);
  const own = names.filter((name) => !name.includes('/'));
  const other = findOther(own);
  if (other)
    throw new StudioError(
      'unsupported',
      `${folder.label} has no weights as safetensors; it holds ${other.sentence}`,
      { details: { file: other.file } },
    );
  const unfinished = own.find((name) =>
    /\.(?:crdownload|part|partial|incomplete|download|aria2)$/i.test(name),
  );
  if (unfinished !== undefined)
    throw new StudioError(
      'missing',
      `${folder.label} has no weights, but ${unfinished}, a download that is not complete. Let it end, or download it again.`,
      { details: { file: unfinished } },
    );
  const [lost] = await linksOf(folder, signal);
  if (lost)
    throw new StudioError(
      'missing',
      `${folder.label} has no weights that can be read: ${lost.name} is ${lost.why}. Put the file itself there.`,
      { details: { file: lost.name } },
    );
  const loose = own.filter((name) => /\.safetensors$/i.test(name));
  if (loose.length > 0)
    throw new StudioError(
      'missing',
      `${folder.label} holds ${loose.length} safetensors files (${loose.slice(0, 3).join(', ')}), none of them called model.safetensors, and no model.safetensors.index.json that says which of them belong together. Download the index, or keep the one file that is the model.`,
      { details: { file: loose[0] ?? '' } },
    );
  throw new StudioError(
    'missing',
    `${folder.label} has neither model.safetensors nor model.safetensors.index.json. ${modelsInside(names) ?? 'Choose the folder of a checkpoint as the Hub has it, or download its weights.'}`,
    { details: { file: 'model.safetensors' } },
  );
}

/** The paths that can be known: all of them, and folders that are not looked into, or files of usual names that are there. */
export async function namesOf(
  folder: ModelFolder,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (folder.list) {
    const { files, passedOver } = await folder.list(signal);
    return [...files, ...passedOver.flatMap(({ name }) => (name.endsWith('/') ? [name] : []))];
  }
  const found: string[] = [];
  for (const name of usualOthers) if (await folder.open(name, signal)) found.push(name);
  return found;
}

/** Files of weights that are there as links which are not followed. */
const linksOf = async (
  folder: ModelFolder,
  signal: AbortSignal | undefined,
): Promise<readonly PassedOver[]> =>
  ((await folder.list?.(signal))?.passedOver ?? []).filter(({ name }) => /^[^/]+\.safetensors$/i.test(name));

/** A file of weights under an unusual name: refused where its tensors are not named as in transformers. */
export function refuseLayout(label: string, file: string, { tensors }: SafetensorsHeader): void {
  const has = (pattern: RegExp): boolean => tensors.some(({ name }) => pattern.test(name));
  const refuse = (what: string, tensor: RegExp): never => {
    throw new StudioError('unsupported', `${label} holds ${file}, which is ${what}`, {
      details: { file, tensor: tensors.find(({ name }) => tensor.test(name))?.name ?? '' },
    });
  };
  const adapter = /lora_[AB]\.|\.lora_[ab]$|lora_(?:up|down)\.weight$/;
  const mistral = /^layers\.\d+\.attention\.w[qkvo]\.weight$/;
  if (has(adapter))
    refuse(
      'an adapter and no whole model. Open an adapter of PEFT (adapter_config.json, adapter_model.safetensors) as the reasoning model, or merge it into its base model first.',
      adapter,
    );
  if (has(mistral))
    refuse(
      `a model ${ownLayout('Mistral’s', 'the script convert_mistral_weights_to_hf.py of transformers')}.`,
      mistral,
    );
}
