/** An image that a person brought, from its file to pixels, with bounds before anything is read. */
import { StudioError } from '../../../core/errors.ts';
import type { NamedImage, RgbaImage } from '../../../protocol/session.ts';
import type { DecodeImage } from '../contract.ts';

/** A photograph has less; what has more is no photograph. */
const maxFileBytes = 64 * 2 ** 20;

/** Throws `bad-file` or `unsupported`, with the image's name in front, for what there are no pixels of. */
export const readImage = async (image: NamedImage, decode: DecodeImage): Promise<RgbaImage> =>
  decode(await bytesOf(image), image.name);

async function bytesOf({ name, file }: NamedImage): Promise<Uint8Array<ArrayBuffer>> {
  const bad = (message: string, cause?: unknown) =>
    new StudioError('bad-file', `${name}: ${message}`, { details: { file: name }, cause });
  if (file.size > maxFileBytes) throw bad('is a file of more than 64 MiB: make it smaller.');
  if (file.size === 0) throw bad('is empty.');
  const buffer = await file.arrayBuffer().catch((cause: unknown) => {
    throw bad('cannot be read. If it was moved or changed since it was chosen, choose it again.', cause);
  });
  return new Uint8Array(buffer);
}
