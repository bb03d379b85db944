/** Files of this project: manifest, data sets, recipes, archives, and what caches keep. */
import { zipSync } from 'fflate';
import { encodeRecipe } from '../../../core/recipe/encode.ts';
import { readRecipeFile } from '../../../core/recipe/file.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import { text as recipeText } from '../../../core/recipe/testing/recipe.ts';
import { withoutZips } from '../../../src/state/zipped-recipe.ts';
import { readDataSet, readTraces } from '../../../workers/engine/opening/data-set.ts';
import { parseManifest } from '../../../workers/engine/opening/manifest.ts';
import { memoryFolder } from '../../../workers/io/folders/memory-folder.ts';
import { decodeFactors, decodeHead, encodeFactors } from '../../../workers/kernels/svd/cache.ts';
import { joined } from '../mutate-bytes.ts';
import { agree, type Bytes, type ParserRow } from '../parser.ts';
import { bytesAt, decoded, encoded, filesIn } from '../seeds.ts';

/** Of the weights behind the stored header. */
const exportedBytes = 2_303_360;
const signal = new AbortController().signal;
const data = 'public/models/demo/data';
const recipes = () => [encoded(recipeText), ...filesIn('test/stored/0.1.0/recipes', /\.json$/)];
const recipeWords =
  'format version slots gates locked rank budget options metrics run preset findings inputs factors singularValues gateMax sha256'.split(
    ' ',
  );

const identity = { rows: 6, cols: 4, kernelVersion: 'svd-test-1' };
const factors = () => ({
  u: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  s: Float32Array.from([4, 2, 1, 0]),
  vt: Float32Array.from({ length: 16 }, (_, i) => Math.cos(i)),
});
const entry = (): Bytes => joined(...encodeFactors(factors(), identity));

export const projectRows: readonly ParserRow[] = [
  {
    name: 'manifest.json of a trio',
    shape: 'json',
    seeds: () => [bytesAt('public/models/demo/manifest.json')],
    words: ['version', 'models', 'data', 'run', 'prompts', 'board', 'inks', 'examples', '../x', '#19191c'],
    parse(input) {
      const { models, data: sets } = parseManifest(decoded(input), 'manifest.json');
      for (const path of [...Object.values(models), ...Object.values(sets)])
        agree(path === null || !path.split('/').includes('..'), `A path leaves the folder: ${path}.`);
    },
  },
  {
    name: 'data sets of a trio',
    shape: 'json',
    seeds: () => [
      encoded(
        '{"tile":4,"columns":2,"count":4,"scoring":"exact","sheet":"a.png","items":[{"index":0,"prompt":"p","task":"t","answer":"a"},{"index":3,"prompt":"q","task":"t","answer":"b"}]}',
      ),
    ],
    words: ['items', 'index', 'prompt', 'answer', 'sheet', '../a.png', 'tile', 'columns', 'count'],
    async parse(input) {
      const folder = memoryFolder('m', { 'data/set.json': input });
      const { items, images } = await readDataSet(folder, 'data/set.json', true, signal);
      agree(
        items.every(({ image }) => image >= 0 && image < images),
        'An item has an image that is not there.',
      );
    },
  },
  {
    name: 'text prompts of the demo',
    shape: 'json',
    seeds: () => [bytesAt(`${data}/traces.json`)],
    words: ['items', 'index', 'prompt', 'answer', 'sheet', 'content'],
    parse: (input) => readTraces(memoryFolder('m', { 'set.json': input }), 'set.json', signal),
    share: 0.2,
  },
  {
    name: 'recipe.json',
    shape: 'json',
    seeds: recipes,
    words: recipeWords,
    parse(input) {
      const recipe = parseRecipe(decoded(input));
      const again = encodeRecipe(recipe);
      agree(encodeRecipe(parseRecipe(again)) === again, 'What is written of it is read otherwise.');
      for (const { gates } of recipe.slots)
        agree(
          gates.every((gate) => gate >= 0 && gate <= recipe.options.gateMax + 1e-6),
          'A gate is out of range.',
        );
    },
  },
  {
    name: 'files that may carry a recipe',
    shape: 'bytes',
    seeds: recipes,
    words: recipeWords,
    parse: async (input) => {
      await readRecipeFile(new File([input], 'recipe.json'));
    },
  },
  {
    name: 'weights that carry a recipe',
    shape: 'safetensors',
    seeds: () => [bytesAt('test/stored/0.1.0/exported-header.bin')],
    words: ['__metadata__', 'format'],
    parse: async (input) => {
      // The data behind the header is not read, and need not be there.
      await readRecipeFile({
        name: 'model.safetensors',
        size: input.length + exportedBytes,
        slice: (begin, end) => new Blob([input.slice(begin, end)]),
      });
    },
  },
  {
    name: 'zip archives that carry a recipe',
    shape: 'bytes',
    seeds: () =>
      [{ level: 9 as const }, { level: 0 as const }].map(
        (how) =>
          new Uint8Array(
            zipSync({ 'merged/recipe.json': [encoded(recipeText), how], 'merged/a.bin': new Uint8Array(99) }),
          ),
      ),
    async parse(input) {
      for (const file of await withoutZips([new File([input], 'frism-merged.zip')]))
        await readRecipeFile(file);
    },
    // The words of the library that opens it.
    wraps: ['RangeError', 'TypeError'],
    share: 0.2,
  },
  {
    name: 'factors in the cache',
    shape: 'bytes',
    seeds: () => [
      entry(),
      joined(...encodeFactors({ ...factors(), s: Float32Array.from([9, 9, 9, 9]) }, identity)),
    ],
    parse(input) {
      const read = decodeFactors(input, identity);
      decodeHead(input.subarray(0, 60), input.length, identity);
      if (!read) return;
      const { u, vt } = factors();
      const same = (a: Float32Array, b: Float32Array) => a.every((value, i) => Object.is(value, b[i]));
      agree(same(read.u, u) && same(read.vt, vt), 'Damaged factors are taken for sound ones.');
    },
  },
];
