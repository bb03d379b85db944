/**
 * The recipe in a file that a person hands back: recipe.json itself, or an exported safetensors file, whose
 * header carries it.
 */
import { StudioError } from '../errors.ts';
import { decodeText } from '../files/text.ts';
import { fileKind, headBytes } from '../files/file-kind.ts';
import { headerLength, parseHeader } from '../safetensors/header.ts';
import { parseRecipe } from './parse.ts';
import { mergeKey, recipeKey, type Recipe } from './recipe.ts';

/** What is used of a Blob or File. */
export interface ReadableFile {
  readonly name: string;
  readonly size: number;
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** Files of one folder beyond this are not looked into. */
const maxTried = 8;

/**
 * Which of the files may have the recipe, the likeliest first: `recipe.json`, then weights in the order of
 * their names, then other JSON. A folder of many files is not read through. Throws `missing` where none can.
 */
export function recipeCandidates<T extends { readonly name: string }>(files: readonly T[]): readonly T[] {
  const rank = ({ name }: T): number => {
    const lower = name.toLowerCase();
    return lower === 'recipe.json' ? 0 : lower.endsWith('.safetensors') ? 1 : lower.endsWith('.json') ? 2 : 3;
  };
  // A single file is what a person meant, whatever its name.
  const possible =
    files.length === 1
      ? files
      : files.filter(
          (file) => rank(file) < 2 || (rank(file) === 2 && !files.some((other) => rank(other) < 2)),
        );
  if (possible.length === 0)
    throw new StudioError(
      'missing',
      'There is no recipe here: choose a recipe.json, or weights that this studio exported.',
    );
  return [...possible].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)).slice(0, maxTried);
}

export const maxRecipeBytes = 64 * 2 ** 20;

/** Reads no weights. */
export async function readRecipeFile(file: ReadableFile): Promise<Recipe> {
  const read = async (begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await file.slice(begin, end).arrayBuffer());
    } catch (cause) {
      // A browser says of permissions that they may have changed.
      throw new StudioError(
        'missing',
        `${file.name} cannot be read. If it was moved or changed since it was chosen, choose it again.`,
        { details: { file: file.name }, cause },
      );
    }
  };
  const kind = fileKind(file.name, await read(0, Math.min(headBytes, file.size)));
  // What is named a recipe is read as one, and its reader says what is wrong with it.
  const asRecipe = kind.id === 'json' || file.name.toLowerCase() === 'recipe.json';
  if (!asRecipe && kind.id !== 'safetensors')
    throw new StudioError('missing', `${file.name} is ${kind.name}, and no recipe is in it. ${kind.goes}`, {
      details: { file: file.name },
    });
  if (asRecipe) {
    if (file.size > maxRecipeBytes)
      throw new StudioError('bad-file', `${file.name} is ${file.size} bytes long, more than any recipe.`, {
        details: { file: file.name, value: file.size },
      });
    return parseRecipe(decodeText(await read(0, file.size), file.name));
  }
  const length = headerLength(await read(0, Math.min(8, file.size)), file.size, file.name);
  const { metadata } = parseHeader(await read(0, 8 + length), file.size, file.name);
  const text = metadata.get(recipeKey);
  if (text === undefined && metadata.has(mergeKey))
    throw new StudioError(
      'missing',
      `${file.name} was merged by a method that has no gates: its merge.json says how, and there is nothing to set here.`,
      { details: { file: file.name } },
    );
  if (text === undefined)
    throw new StudioError(
      'missing',
      `${file.name} carries no recipe: it was not exported by this studio, or it is not the first of its shards. To open it as a model: ${kind.goes.charAt(0).toLowerCase()}${kind.goes.slice(1)}`,
      { details: { file: file.name } },
    );
  return parseRecipe(text);
}
