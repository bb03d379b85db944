/** Every key of the files that say how images are prepared is used, harmless or named. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { readVlm, vlmReferences } from '../../../test/vlm.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { imageProcessorRules, processorRules } from '../../../core/reading/image-processor-config.ts';
import { createPreprocessor, loadPreprocessor } from '../preprocess.ts';

type Json = Record<string, unknown>;

/** Loads a reference model with other settings: in both files, of the image processor, of the processor. */
async function findingsOf(name: string, image: Json, processor: Json = {}) {
  const { checkpoint, spec } = await readVlm(name);
  const text = (await checkpoint.readText('processor_config.json')) ?? '{}';
  const stored = JSON.parse(text) as Json & { image_processor: Json };
  const files: Json = {
    'processor_config.json': {
      ...stored,
      ...processor,
      image_processor: { ...stored.image_processor, ...image },
    },
  };
  const readText = async (path: string) =>
    Object.hasOwn(files, path) ? JSON.stringify(files[path]) : checkpoint.readText(path);
  return (await loadPreprocessor({ ...checkpoint, readText }, spec)).findings;
}

describe('the image processor of a folder', () => {
  it.each(vlmReferences)('has nothing to name in %s', async (name) => {
    expect(await findingsOf(name, {})).toEqual([]);
  });

  it('has nothing to name in the demo, from either file', async () => {
    const checkpoint = await readCheckpoint('public/models/demo/vlm');
    const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
    if (spec.kind !== 'vlm') throw new Error(spec.kind);
    for (const hidden of ['preprocessor_config.json', 'processor_config.json']) {
      const readText = async (path: string) => (path === hidden ? null : checkpoint.readText(path));
      expect((await loadPreprocessor({ ...checkpoint, readText }, spec)).findings).toEqual([]);
    }
  });

  it.each<[string, string, Json, string]>([
    ['a key that nobody knows', 'qwen2-vl', { do_sharpen: true }, 'do_sharpen (what it does is not known'],
    ['a key that objects inherit', 'llava-clip', { constructor: 1 }, 'constructor (what it does'],
    ['padding to a size', 'llava-siglip', { pad_size: { height: 64, width: 64 } }, 'pad_size (prepared'],
    ['code of the folder', 'smolvlm', { auto_map: { AutoImageProcessor: 'x.Y' } }, 'auto_map (it names code'],
    [
      'a part of a size',
      'idefics3',
      { size: { longest_edge: 96, max_height: 40 } },
      'size.max_height (images are',
    ],
  ])('names %s', async (_, name, image, message) => {
    const found = await findingsOf(name, image);
    expect(found).toMatchObject([{ code: 'image-processor-not-heeded' }]);
    expect(found[0]?.message).toContain(message);
    expect(found[0]?.message).toContain('processor_config.json of ');
  });

  it('warns of a key that changes images, and only notes one that is not known', async () => {
    expect(await findingsOf('llava-clip', { pad_size: 64 })).toMatchObject([{ severity: 'warning' }]);
    expect(await findingsOf('llava-clip', { novel: 64 })).toMatchObject([{ severity: 'info' }]);
  });

  it('names all keys of a file in one finding, and at most twelve of them', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key_${i}`, 1]));
    const [found, ...others] = await findingsOf('llava-clip', many);
    expect(others).toEqual([]);
    expect(found?.message).toMatch(/has 500 settings .*key_11 .* and 488 more\.$/);
  });

  it('passes over what is null or switched off', async () => {
    expect(await findingsOf('internvl-qwen3', { pad_size: null, novel: null, other: false })).toEqual([]);
  });

  it('names what the processor around it has beside it', async () => {
    const found = await findingsOf('llava-onevision', {}, { novel: 'x', video_processor: { fps: 1 } });
    expect(found).toMatchObject([{ code: 'processor-config-not-heeded', severity: 'info' }]);
    expect(found[0]?.message).toContain('a setting that the preparation of prompts and images here does');
    expect(found[0]?.message).toContain('novel');
  });
});

interface Settings {
  readonly models: Readonly<
    Record<
      string,
      readonly {
        readonly part: 'image' | 'processor';
        readonly change: Json;
        readonly outcome: 'fails' | 'same' | 'other';
      }[]
    >
  >;
}
const settings = await readJsonFixture<Settings>('zoo/reference/keys/settings.json');

/** Null where the file is refused. */
async function pixelsOf(name: string, part: 'image' | 'processor', change: Json) {
  const { checkpoint, spec } = await readVlm(name);
  const stored = JSON.parse((await checkpoint.readText('processor_config.json')) ?? '{}') as Json;
  const changed =
    part === 'processor'
      ? { ...stored, ...change }
      : { ...stored, image_processor: { ...(stored['image_processor'] as Json), ...change } };
  const readText = async (path: string) =>
    path === 'processor_config.json' ? JSON.stringify(changed) : checkpoint.readText(path);
  const image = { width: 53, height: 37, data: Uint8Array.from({ length: 53 * 37 * 4 }, (_, i) => i * 7) };
  try {
    return (await loadPreprocessor({ ...checkpoint, readText }, spec)).preprocess(image).pixels;
  } catch (error) {
    expect(error).toMatchObject({
      message: expect.stringContaining(`processor_config.json of ${checkpoint.label}`) as string,
    });
    return null;
  }
}

const bytes = ({ buffer }: Float32Array) => Buffer.from(buffer);

it.each(Object.entries(settings.models))(
  'what transformers cannot prepare is refused in %s, and what changes nothing there changes nothing here',
  async (name, cases) => {
    expect(cases.filter(({ outcome }) => outcome === 'fails').length).toBeGreaterThan(10);
    const usual = (await pixelsOf(name, 'image', {})) ?? new Float32Array();
    const wrong = [];
    for (const { part, change, outcome } of cases) {
      const pixels = await pixelsOf(name, part, change);
      const found = pixels === null ? 'fails' : bytes(pixels).equals(bytes(usual)) ? 'same' : 'other';
      // Other ids are another number of image tokens than the model has features; other pixels may be refused.
      const counted = part === 'processor' && outcome === 'other' ? 'fails' : outcome;
      // A count that LLaVA's file leaves unsaid is taken from config.json, with a finding (token-counts.test.ts).
      const isUnsaid =
        part === 'processor' && name.startsWith('llava') && Object.values(change).includes(null);
      const expected = isUnsaid ? 'same' : counted;
      if (found !== expected && !(part === 'image' && outcome === 'other' && found === 'fails'))
        wrong.push({ part, change, outcome, found });
    }
    expect(wrong).toEqual([]);
  },
);

describe('settings that are known and cannot be honoured', () => {
  it.each<[string, Json, RegExp]>([
    ['qwen2-vl', { size: { max_pixels: 9000 } }, /size is .*shortest_edge and longest_edge/],
    ['qwen2-vl', { size: { longest_edge: 9000 } }, /size is .*shortest_edge and longest_edge/],
    ['internvl-qwen2', { max_patches: 1, do_resize: false }, /do_resize is false/],
  ])('are refused: %s %j', async (name, changed, message) => {
    await expect(findingsOf(name, changed)).rejects.toThrow(message);
  });

  it('but older names for the same are taken', async () => {
    const { checkpoint, spec } = await readVlm('qwen2-vl');
    const { image_processor: stored } = JSON.parse(
      (await checkpoint.readText('processor_config.json')) ?? '',
    ) as { image_processor: Json };
    const older = { ...stored, size: {}, min_pixels: 900, max_pixels: 9000 };
    const image = { width: 61, height: 47, data: new Uint8Array(61 * 47 * 4).fill(90) };
    const prepared = (config: Json) => createPreprocessor(config, spec, 'x').preprocess(image).layout;
    expect(prepared(older)).toEqual(prepared(stored));
  });
});

interface Keys {
  readonly imageProcessors: Readonly<Record<string, readonly string[]>>;
  readonly processors: Readonly<Record<string, readonly string[]>>;
}
const keys = await readJsonFixture<Keys>('zoo/reference/keys/expected.json');

it.each(Object.entries(keys.imageProcessors))('the list has each key of %s of transformers', (_, taken) => {
  expect(taken.length).toBeGreaterThan(15);
  expect(taken.filter((key) => !Object.hasOwn(imageProcessorRules.keys, key))).toEqual([]);
});

it.each(Object.entries(keys.processors))('the list has each key of %s of transformers', (_, taken) => {
  expect(taken.length).toBeGreaterThan(2);
  expect(taken.filter((key) => !Object.hasOwn(processorRules.keys, key))).toEqual([]);
});
