import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../test/checkpoint.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import type { Checkpoint } from '../io/contract.ts';
import { loadPrompter } from './prompter.ts';

interface Reference {
  readonly texts: readonly string[];
  readonly prompts: readonly number[][];
  readonly answers: readonly number[][];
  readonly decoded: readonly string[];
  readonly stopId: number;
}

async function demo(role: string, changes: Partial<Checkpoint> = {}) {
  const checkpoint = await readCheckpoint(`public/models/demo/${role}`);
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  return loadPrompter({ ...checkpoint, ...changes }, spec);
}

describe('loadPrompter', () => {
  for (const [role, images] of [
    ['base', 0],
    ['lrm', 0],
    ['vlm', 1],
  ] as const) {
    it(`builds the ${role}'s prompts and reads its answers as transformers does`, async () => {
      const reference = await readJsonFixture<Reference>(`zoo/reference/nn/demo-${role}/reference.json`);
      const prompter = await demo(role);
      expect(reference.texts.map((text) => prompter.prompt(text, { images }))).toEqual(reference.prompts);
      expect(reference.answers.map((ids) => prompter.decode(ids))).toEqual(reference.decoded);
      expect(prompter.stopIds).toEqual([reference.stopId]);
      expect(prompter.imageTokenId).toBe(role === 'vlm' ? 4 : null);
    });
  }

  it('gives ids back as the text they came from', async () => {
    const prompter = await demo('vlm');
    expect(prompter.decode(prompter.encode('3+4*2'))).toBe('3+4*2');
  });

  it('builds a prompt without an image for a VLM', async () => {
    const prompter = await demo('vlm');
    const ids = prompter.prompt('3+4solve', { images: 0 });
    expect(ids).not.toContain(prompter.imageTokenId);
    expect(ids).toEqual((await demo('lrm')).prompt('3+4solve', { images: 0 }));
  });

  it('refuses an image for a text model, and a question that spells out the image token', async () => {
    const [text, vlm] = [await demo('lrm'), await demo('vlm')];
    expect(() => text.prompt('read', { images: 1 })).toThrow('takes no image');
    expect(() => vlm.prompt('read <image>', { images: 1 })).toThrow(
      /^The question has <image> in it, .* The image is put into its place without it: take <image> out of the question\.$/,
    );
    expect(() => vlm.prompt('read <image>', { images: 0 })).toThrow(
      /^The question has <image> in it, .* There is no image with this question; .*: take <image> out/,
    );
  });

  it('names the template that fails on a text', async () => {
    const vlm = await readCheckpoint('public/models/demo/vlm');
    const prompter = await demo('vlm', {
      readText: async (path) =>
        path === 'chat_template.jinja' ? '{{ raise_exception("no roles") }}' : vlm.readText(path),
    });
    expect(() => prompter.prompt('read', { images: 1 })).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(/chat template in chat_template\.jinja of .* no roles/),
      }),
    );
  });

  it('says what a folder lacks or has broken', async () => {
    const without = (file: string) => async (path: string) =>
      path === file ? null : (await readCheckpoint('public/models/demo/vlm')).readText(path);
    await expect(demo('vlm', { readText: without('tokenizer.json') })).rejects.toMatchObject({
      code: 'missing',
    });
    await expect(demo('vlm', { readText: without('chat_template.jinja') })).rejects.toMatchObject({
      code: 'missing',
    });
    await expect(demo('vlm', { readText: async () => '{' })).rejects.toMatchObject({ code: 'bad-file' });
    await expect(demo('vlm', { readText: async () => '{}' })).rejects.toMatchObject({ code: 'unsupported' });
  });
});
