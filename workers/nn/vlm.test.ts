/** Each family's prompts and pixels against transformers' processors (zoo/reference/vlm). */
import { describe, expect, it } from 'vitest';
import { families } from '../../core/family/families.ts';
import type { Checkpoint } from '../io/contract.ts';
import { readArrays } from '../../test/checkpoint.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { readVlm, rgba, vlmReferences } from '../../test/vlm.ts';
import { loadPreprocessor } from './preprocess.ts';
import { loadPrompter } from './prompter.ts';

describe.each(vlmReferences)('%s', async (name) => {
  const { checkpoint, spec, reference, arrays } = await readVlm(name);
  const prompter = await loadPrompter(checkpoint, spec);
  const preprocessor = await loadPreprocessor(checkpoint, spec);

  it.each(reference.cases.map((one, i) => [`${one.width} × ${one.height}`, one, i] as const))(
    "prepares an image of %s as transformers' Pillow backend does, and asks about it in the same tokens",
    (_, one, i) => {
      const { pixels, layout } = preprocessor.preprocess(rgba(arrays(`image.${i}`)));
      expect(layout).toMatchObject({
        width: one.width,
        height: one.height,
        tiles: one.tiles,
        tokens: one.tokens,
      });
      const expected = arrays(`pixels.${i}`);
      expect([layout.tiles, preprocessor.channels, preprocessor.height, preprocessor.width]).toEqual(
        expected.shape,
      );
      expect(pixels.length).toBe(expected.data.length);
      const worst = pixels.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (expected.data[at] ?? Number.NaN))),
        0,
      );
      expect(worst).toBe(0);
      expect(prompter.prompt(one.question, { images: 1, layout })).toEqual(one.ids);
      expect(prompter.decode(one.ids)).toBe(one.decoded);
    },
  );

  it('asks without an image in the same tokens', () => {
    expect(prompter.prompt(reference.text.question, { images: 0 })).toEqual(reference.text.ids);
    expect(prompter.stopIds).toContain(reference.stopId);
  });
});

it('has a reference of every family', async () => {
  const covered = await Promise.all(vlmReferences.map(async (name) => (await readVlm(name)).spec.family));
  expect(new Set(covered)).toEqual(new Set(Object.keys(families)));
});

interface Whole {
  readonly cases: readonly {
    readonly question: string;
    readonly ids: readonly number[];
    readonly tiles: number;
  }[];
}

describe.each(['smolvlm', 'idefics3', 'internvl-qwen2'])('%s, asked not to cut', async (name) => {
  const { checkpoint, spec, arrays } = await readVlm(name);
  const whole = await readJsonFixture<Whole>(`zoo/reference/vlm/${name}/whole.json`);
  const expected = await readArrays(`zoo/reference/vlm/${name}/whole.safetensors`);
  const prompter = await loadPrompter(checkpoint, spec);
  const preprocessor = await loadPreprocessor(checkpoint, spec);

  it.each(whole.cases.map((one, i) => [i, one] as const))(
    "prepares image %i in one tile as transformers' Pillow backend does, and asks about it in the same tokens",
    (i, { question, ids, tiles }) => {
      const { pixels, layout } = preprocessor.whole?.(rgba(arrays(`image.${i}`))) ?? {
        pixels: new Float32Array(0),
        layout: undefined,
      };
      expect(layout).toMatchObject({ rows: 0, columns: 0, tiles, tokens: spec.tokensPerTile });
      const { data } = expected(`pixels.${i}`);
      expect(pixels.length).toBe(data.length);
      expect(
        pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (data[at] ?? Number.NaN))), 0),
      ).toBe(0);
      expect(layout && prompter.prompt(question, { images: 1, layout })).toEqual(ids);
    },
  );
});

it('has nothing to ask of processors that do not cut, or cannot be asked', async () => {
  for (const name of ['llava-clip', 'llava-siglip', 'llava-onevision']) {
    const { checkpoint, spec } = await readVlm(name);
    expect((await loadPreprocessor(checkpoint, spec)).whole, name).toBeNull();
  }
});

describe('a folder that is not whole', () => {
  /** One JSON file of the folder changed. */
  const changed = (
    checkpoint: Checkpoint,
    file: string,
    change: (json: Record<string, unknown>) => Record<string, unknown>,
  ): Checkpoint => ({
    ...checkpoint,
    readText: async (path) => {
      const text = await checkpoint.readText(path);
      return path === file && text !== null
        ? JSON.stringify(change(JSON.parse(text) as Record<string, unknown>))
        : text;
    },
  });

  it('is refused when the tokenizer lacks a word of the family', async () => {
    const { checkpoint, spec } = await readVlm('internvl-qwen2');
    const renamed = changed(checkpoint, 'tokenizer_config.json', (json) => ({
      ...json,
      start_image_token: '<picture>',
    }));
    await expect(loadPrompter(renamed, spec)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/lacks <picture>; its prompts with images cannot be built/),
    });
    await expect(loadPrompter(checkpoint, { ...spec, imageTokenId: 100_000 })).rejects.toMatchObject({
      message: expect.stringMatching(/lacks the image token 100000/),
    });
  });

  it('takes the words around an image from either place that transformers writes them to', async () => {
    const { checkpoint, spec, reference } = await readVlm('internvl-qwen2');
    const {
      start_image_token: start,
      end_image_token: end,
      ...rest
    } = JSON.parse((await checkpoint.readText('tokenizer_config.json')) ?? '') as Record<string, unknown>;
    const moved = changed(checkpoint, 'tokenizer_config.json', () => ({
      ...rest,
      extra_special_tokens: { start_image_token: start, end_image_token: end },
    }));
    const { ids, question, width, height, tiles, tokens } = reference.cases[0]!;
    expect(
      (await loadPrompter(moved, spec)).prompt(question, {
        images: 1,
        layout: { width, height, rows: 0, columns: 0, tiles, tokens },
      }),
    ).toEqual(ids);
  });

  it('takes no videos: the question that asks for one is refused by its name', async () => {
    const { checkpoint, spec } = await readVlm('qwen2-vl');
    const prompter = await loadPrompter(checkpoint, spec);
    const layout = { width: 1, height: 1, rows: 1, columns: 1, tiles: 1, tokens: 1 };
    expect(() => prompter.prompt('What moves in <|video_pad|>?', { images: 1, layout })).toThrow(
      'asks for videos by <|video_pad|>',
    );
  });

  it('is refused when its image processor is not one of its family', async () => {
    const { checkpoint, spec } = await readVlm('llava-clip');
    const other = changed(checkpoint, 'processor_config.json', (json) => ({
      ...json,
      image_processor: { image_processor_type: 'Qwen2VLImageProcessor' },
    }));
    await expect(loadPreprocessor(other, spec)).rejects.toMatchObject({
      code: 'unsupported',
      details: { file: expect.stringContaining('processor_config.json'), key: 'image_processor_type' },
    });
  });
});
