/**
 * Folders of other families through the whole engine: opened, paired, decomposed, and asked about an image of
 * their own size.
 */
import { beforeAll, expect, it } from 'vitest';
import { blob, familyTrio, textFolder, vlmFolder } from '../../../test/family-trio.ts';
import { pngFile } from '../../../test/image-files.ts';
import { readFixture } from '../../../test/fixtures.ts';
import { oneOfEachFamily, readVlm, rgba } from '../../../test/vlm.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { RunEvent } from '../../../protocol/events.ts';
import type { RgbaImage } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { loadPrompter } from '../../nn/prompter.ts';
import { nodeCodecs } from '../../io/images/codec-places.node.ts';
import { imageDecoder } from '../../io/images/decode-image.ts';
import { createEngine } from '../create-engine.ts';

let engine: EngineApi;

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 20),
    cache: memoryFactorCache(),
    decodeImage: imageDecoder(nodeCodecs()),
  });
  await engine.connect('wasm');
});

it.each(await oneOfEachFamily())(
  '%s answers as in transformers, and so does the merge where all gates are closed',
  async (name) => {
    const { checkpoint, spec, reference, arrays } = await readVlm(name);
    const session = await engine.open(
      'open',
      {
        kind: 'folders',
        base: await textFolder(name, 'base', 0),
        vlm: await vlmFolder(name),
        lrm: await textFolder(name, 'lrm', 0.02),
      },
      () => undefined,
    );
    expect(session.slots).toHaveLength(7 * spec.text.layers);
    expect(session.forward).toMatchObject({ available: true });
    expect(session.pairing.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const prompter = await loadPrompter(checkpoint, spec);
    for (const i of [0, 2]) {
      const { question, answer } = reference.cases[i]!;
      const result = await engine.answer(
        `ask ${i}`,
        {
          image: rgba(arrays(`image.${i}`)) as RgbaImage,
          question,
          lambda: 1,
          gates: 0,
          maxTokens: reference.maxTokens,
        },
        () => undefined,
      );
      expect(result.vlm.text).toBe(prompter.decode(answer));
      expect(result.merged.text).toBe(result.vlm.text);
      expect(result.lrm.tokens).toBeGreaterThan(0);
    }
  },
);

it.each(await oneOfEachFamily())(
  '%s is taught by its own answers about images of unlike shapes',
  async (name) => {
    const session = await engine.open('open', await familyTrio(name), () => undefined);
    const images = [
      { name: 'wide.png', file: blob(Uint8Array.from(pngFile(70, 41, 1))) },
      { name: 'tall.png', file: blob(Uint8Array.from(pngFile(37, 90, 2))) },
    ];
    const report = await engine.setCalibration(
      'photos',
      { images, questions: ['What is shown?'], traces: [], maxAnswerTokens: 4, wholeImages: false },
      () => undefined,
    );
    expect(report).toMatchObject({ images: 2, items: 2, refused: [] });
    // Without the injection only the teacher's distributions move the gates. Events of steps may be left out, the
    // last one never.
    const lossAfter = async (steps: number): Promise<number> => {
      const events: RunEvent[] = [];
      const options = { ...session.defaults, alpha: 0, batchSize: 2, steps };
      await engine.distill('run', options, (event) => events.push(event));
      const last = events.findLast((event) => event.type === 'step');
      if (last?.type !== 'step') throw new Error('the run made no step');
      return last.losses.distill;
    };
    const first = await lossAfter(1);
    expect(first).toBeGreaterThan(0);
    expect(await lossAfter(8)).toBeLessThan(first);
  },
);

it('says in the session why a trio whose images are cut for another tower cannot be run', async () => {
  const vlm = await vlmFolder('llava-clip');
  const processor = JSON.parse(
    new TextDecoder().decode(await readFixture('zoo/reference/vlm/llava-clip/processor_config.json')),
  ) as { image_processor: Record<string, unknown> };
  const other = JSON.stringify({
    ...processor,
    image_processor: { ...processor.image_processor, crop_size: { height: 40, width: 40 } },
  });
  const files = vlm.files.map((one) =>
    one.path === 'processor_config.json' ? { ...one, file: blob(other) } : one,
  );
  const session = await engine.open(
    'open',
    {
      kind: 'folders',
      base: await textFolder('llava-clip', 'base', 0),
      vlm: { ...vlm, files },
      lrm: await textFolder('llava-clip', 'lrm', 0.02),
    },
    () => undefined,
  );
  expect(session.forward).toEqual({
    available: false,
    reason: 'llava-clip prepares images of 40 × 40 pixels, but its vision tower takes 32 × 32.',
  });
});
