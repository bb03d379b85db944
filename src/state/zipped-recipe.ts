/**
 * A .zip that this studio exported, opened for the recipe in it: of its files only those that may carry a recipe
 * are read, and none that says it is larger than a recipe can be.
 */
import { StudioError } from '../../core/errors.ts';
import { fileKind, headBytes } from '../../core/files/file-kind.ts';
import type { ReadableFile } from '../../core/recipe/file.ts';

/** An export has dozens of files. */
const mostEntries = 10_000;
const mostBytes = 64 * 2 ** 20;

/** The files themselves; a zip among them gives way to the recipe in it. Throws `missing` where it has none. */
export async function withoutZips(files: readonly ReadableFile[]): Promise<readonly ReadableFile[]> {
  const opened = await Promise.all(files.map(async (file) => ((await isZip(file)) ? recipeIn(file) : file)));
  return opened;
}

async function isZip(file: ReadableFile): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, Math.min(headBytes, file.size)).arrayBuffer());
  return fileKind(file.name, head).id === 'zip';
}

async function recipeIn(file: ReadableFile): Promise<ReadableFile> {
  const details = { file: file.name };
  if (!(file instanceof Blob))
    throw new StudioError('unsupported', `${file.name} cannot be read as an archive here.`, { details });
  // Not needed before somebody has a zip; what opens it is fetched then.
  const { BlobReader, configure, Uint8ArrayWriter, ZipReader } =
    await import('@zip.js/zip.js/lib/zip-core-native.js');
  configure({ useWebWorkers: false });
  const archive = new ZipReader(new BlobReader(file));
  try {
    const names: string[] = [];
    for await (const entry of archive.getEntriesGenerator()) {
      if (names.push(entry.filename) > mostEntries) break;
      const name = entry.filename.split('/').at(-1) ?? '';
      if (entry.directory || name.toLowerCase() !== 'recipe.json') continue;
      if (entry.encrypted || entry.uncompressedSize > mostBytes)
        throw new StudioError(
          'bad-file',
          `${entry.filename} in ${file.name} ${entry.encrypted ? 'is encrypted' : 'is larger than any recipe'}. This studio writes no such archive.`,
          { details },
        );
      const bytes = await entry.getData(new Uint8ArrayWriter(), { checkSignature: true });
      return new File([bytes as Uint8Array<ArrayBuffer>], name);
    }
    const method = names.some((name) => /(^|\/)merge\.json$/i.test(name));
    throw new StudioError(
      'missing',
      method
        ? `${file.name} was merged by a method that has no gates: its merge.json says how, and there is nothing to set here.`
        : `${file.name} is a zip archive without a recipe.json: this studio did not export it. If a model is in it, unpack it and drop its folder.`,
      { details },
    );
  } catch (thrown) {
    if (thrown instanceof StudioError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new StudioError(
      'bad-file',
      `${file.name} cannot be opened as a zip archive: ${why}. Export it anew.`,
      {
        details,
        cause: thrown,
      },
    );
  } finally {
    await archive.close().catch(() => undefined);
  }
}
