/** A model and a prompt from the command line. */
import { readFile } from 'node:fs/promises';
import { StudioError } from '../core/errors.ts';
import { nodeHost } from '../workers/backend/host.node.ts';
import { startBackend } from '../workers/backend/start.ts';
import { loadSingleModel, type Ask, type SingleModel } from '../workers/engine/asking/single-model.ts';
import { decodeImage } from '../workers/io/images/decode-image.ts';
import type { Context } from './command.ts';
import { openModel } from './models.ts';
import type { Given, OptionSpec } from './usage.ts';

export const askOptions: Readonly<Record<string, OptionSpec>> = {
  model: {
    value: 'DIR',
    required: true,
    about: 'a text or vision-language model, or a LoRA adapter with --base',
  },
  base: { value: 'DIR', about: 'the base model of the adapter' },
  prompt: { value: 'TEXT', required: true, about: 'put into the model’s chat template as a user’s turn' },
  image: { value: 'FILE', about: 'PNG or JPEG' },
  raw: { about: 'the prompt as it is, without a chat template' },
};

export async function readAsk(given: Given): Promise<Ask> {
  const file = given.text('image');
  const bytes =
    file === null
      ? null
      : await readFile(file).catch((cause: unknown) => {
          throw new StudioError('missing', `There is no image at ${file}.`, { details: { file }, cause });
        });
  return {
    text: given.required('prompt'),
    image: bytes && file !== null ? await decodeImage(new Uint8Array(bytes), file) : null,
    raw: given.flag('raw'),
  };
}

export async function withModel<T>(
  given: Given,
  { signal, onFindings }: Context,
  body: (model: SingleModel) => Promise<T>,
): Promise<T> {
  const base = given.text('base');
  const { checkpoint } = await openModel(
    given.required('model'),
    { signal },
    base === null ? undefined : await openModel(base, { signal }),
  );
  onFindings(checkpoint.findings ?? []);
  await startBackend('wasm', nodeHost());
  const model = await loadSingleModel(checkpoint, signal);
  try {
    return await body(model);
  } finally {
    model.dispose();
  }
}
