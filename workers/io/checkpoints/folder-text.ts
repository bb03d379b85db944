/** A text file of a model folder, as long as such a file may be. */
import { StudioError } from '../../../core/errors.ts';
import type { ModelFolder } from '../contract.ts';

/** Tokenizers of large vocabularies reach 35 MB. */
const maxTextBytes = 64 * 2 ** 20;

export async function readFolderText(
  folder: ModelFolder,
  path: string,
  signal?: AbortSignal,
  maxBytes = maxTextBytes,
): Promise<string | null> {
  const source = await folder.open(path, signal);
  if (!source) return null;
  if (source.sizeBytes > maxBytes) {
    throw new StudioError(
      'bad-file',
      `${source.name} is ${source.sizeBytes} bytes long, too long for such a file: at most ${maxBytes} are read.`,
      { details: { file: source.name, value: source.sizeBytes } },
    );
  }
  const bytes = await source.read(0, source.sizeBytes, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StudioError('bad-file', `${source.name} is not valid UTF-8 text.`, {
      details: { file: source.name },
      cause,
    });
  }
}
