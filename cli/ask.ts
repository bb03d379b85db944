/** A model and a prompt from the command line. */
import { stat } from 'node:fs/promises';
import { StudioError } from '../core/errors.ts';
import { nodeHost } from '../workers/backend/host.node.ts';
import { startBackend } from '../workers/backend/start.ts';
import { loadSingleModel, type Ask, type SingleModel } from '../workers/engine/asking/single-model.ts';
import { decodedFormats } from '../core/images/other-formats.ts';
import { nodeCodecs } from '../workers/io/images/codec-places.node.ts';
import { imageDecoder } from '../workers/io/images/decode-image.ts';
import { readImage } from '../workers/io/images/read-image.ts';
import type { RgbaImage } from '../protocol/session.ts';
import type { Context } from './command.ts';
import { fileOnDisk } from './engine.ts';
import { openModel } from './models.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

export const askOptions: Readonly<Record<string, OptionSpec>> = {
  model: {
    value: 'DIR',
    required: true,
    about: 'a text or vision-language model, or a LoRA adapter with --base',
  },
  base: { value: 'DIR', about: 'the base model of the adapter' },
  prompt: {
    value: 'TEXT',
    required: true,
    mayBeEmpty: true,
    about: 'put into the model’s chat template as a user’s turn',
  },
  image: { value: 'FILE', about: decodedFormats },
  raw: { about: 'the prompt as it is, without a chat template' },
};

export async function readAsk(given: Given): Promise<Ask> {
  const file = given.text('image');
  return {
    text: given.required('prompt'),
    image: file === null ? null : await imageAt(file),
    raw: given.flag('raw'),
  };
}

async function imageAt(file: string): Promise<RgbaImage> {
  const info = await stat(file).catch((cause: unknown) => {
    throw new StudioError('missing', `There is no image at ${file}.`, { details: { file }, cause });
  });
  if (!info.isFile())
    throw new StudioError('bad-file', `${file} is a folder. Give the path of one image.`, {
      details: { file },
    });
  return readImage({ name: file, file: fileOnDisk(file) }, imageDecoder(nodeCodecs()));
}

export async function withModel<T>(
  given: Given,
  { signal, onFindings }: Context,
  body: (model: SingleModel) => Promise<T>,
): Promise<T> {
  const named = given.text('base');
  const base = named === null ? undefined : await openModel(named, { signal });
  const { checkpoint } = await openModel(given.required('model'), { signal }, base);
  if (base && !checkpoint.adapted)
    throw new UsageError(
      `--base is for an adapter alone, and ${checkpoint.label} is a whole model. Leave --base out.`,
    );
  onFindings([...(base?.checkpoint.findings ?? []), ...(checkpoint.findings ?? [])], true);
  await startBackend('wasm', nodeHost());
  const model = await loadSingleModel(checkpoint, signal);
  onFindings(model.findings, true);
  try {
    return await body(model);
  } finally {
    model.dispose();
  }
}
