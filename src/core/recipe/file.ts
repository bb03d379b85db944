/** The recipe in a file that a person hands back: recipe.json itself, or an exported safetensors file, whose header carries it. */
import { StudioError } from '../errors.ts';
import { headerLength, parseHeader } from '../safetensors/header.ts';
import { parseRecipe } from './parse.ts';
import { recipeKey, type Recipe } from './recipe.ts';

/** What is used of a Blob or File. */
export interface ReadableFile {
  readonly name: string;
  readonly size: number;
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

const maxJsonBytes = 64 * 2 ** 20;

/** Reads no weights. */
export async function readRecipeFile(file: ReadableFile): Promise<Recipe> {
  const read = async (begin: number, end: number) => new Uint8Array(await file.slice(begin, end).arrayBuffer());
  if (!file.name.toLowerCase().endsWith('.safetensors')) {
    if (file.size > maxJsonBytes) throw new StudioError('bad-file', `${file.name} is ${file.size} bytes long, more than any recipe.`, { details: { file: file.name, value: file.size } });
    return parseRecipe(new TextDecoder().decode(await read(0, file.size)));
  }
  const length = headerLength(await read(0, Math.min(8, file.size)), file.size, file.name);
  const { metadata } = parseHeader(await read(0, 8 + length), file.size, file.name);
  const text = metadata.get(recipeKey);
  if (text === undefined) throw new StudioError('missing', `${file.name} carries no recipe: it was not exported by this studio, or not as the first of its shards.`, { details: { file: file.name } });
  return parseRecipe(text);
}
