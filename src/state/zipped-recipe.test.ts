/** A recipe in the archive that an export downloads: stored as the studio writes it, or packed anew by others. */
import { strToU8, zipSync, type Zippable } from 'fflate';
import { downloadZip } from 'client-zip';
import { expect, test } from 'vitest';
import { withoutZips } from './zipped-recipe.ts';

const named = (parts: readonly BlobPart[], name: string) => new File([...parts], name);
const zip = (files: Zippable, name = 'frism-merged.zip') =>
  named([zipSync(files) as Uint8Array<ArrayBuffer>], name);
const textOf = async (file: {
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
  size: number;
}) => new TextDecoder().decode(await file.slice(0, file.size).arrayBuffer());
const recipe = '{"format": "frism-recipe"}';

test('is found in an archive as the studio writes it, and in one that was packed again', async () => {
  const streamed = await downloadZip([
    { name: 'frism-merged/model.safetensors', input: new Uint8Array(5000) },
    { name: 'frism-merged/recipe.json', input: recipe },
  ]).blob();
  const archives = [
    named([streamed], 'frism-merged.zip'),
    zip({
      'frism-merged/recipe.json': [strToU8(recipe), { level: 9 }],
      'frism-merged/a.bin': new Uint8Array(9),
    }),
    zip({ 'recipe.json': [strToU8(recipe), { level: 0 }] }, 'renamed'),
  ];
  for (const archive of archives) {
    const [found] = await withoutZips([archive]);
    expect(found?.name).toBe('recipe.json');
    expect(found && (await textOf(found))).toBe(recipe);
  }
});

test('files that are no archive stay as they are, whatever they are called', async () => {
  const files = [named(['{}'], 'recipe.json'), named(['no archive'], 'a.zip')];
  expect(await withoutZips(files)).toEqual(files);
});

test.each([
  [
    'no recipe',
    zip({ 'a/config.json': strToU8('{}') }, 'model.zip'),
    /model\.zip is a zip archive without a recipe\.json/,
  ],
  ['a merge without gates', zip({ 'frism-merged/merge.json': strToU8('{}') }), /method that has no gates/],
  [
    'an archive that was cut short',
    named([zipSync({ 'recipe.json': strToU8(recipe) }).slice(0, 40) as Uint8Array<ArrayBuffer>], 'cut.zip'),
    /cut\.zip cannot be opened as a zip archive/,
  ],
  ['a recipe that was changed', damaged(), /cannot be opened as a zip archive/],
  [
    'a recipe that unpacks to far too much',
    zip({ 'recipe.json': new Uint8Array(2 ** 26 + 1) }),
    /larger than any recipe/,
  ],
])('%s is refused in words', async (_, archive, words) => {
  await expect(withoutZips([archive])).rejects.toMatchObject({ message: expect.stringMatching(words) });
});

/** One bit of the stored recipe is another one than its checksum is of. */
function damaged(): File {
  const bytes = zipSync({ 'recipe.json': [strToU8(recipe), { level: 0 }] });
  const at = new TextDecoder('latin1').decode(bytes).indexOf('frism-recipe');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return named([bytes as Uint8Array<ArrayBuffer>], 'changed.zip');
}
