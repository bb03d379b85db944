/**
 * The reference checkpoints of zoo/reference/vlm: tiny models of each vision-language family and what
 * transformers made with them.
 */
import type { VisionLanguageSpec } from '../core/family/families.ts';
import { readModelSpec } from '../core/family/read-spec.ts';
import type { Checkpoint } from '../workers/io/contract.ts';
import { readArrays, readCheckpoint } from './checkpoint.ts';
import { readJsonFixture } from './fixtures.ts';

/** Names of all folders there. */
export const vlmReferences: readonly string[] = Object.keys(
  import.meta.glob('../zoo/reference/vlm/*/config.json'),
).map((path) => path.split('/').at(-2) ?? path);

/** The first folder of each family. */
export async function oneOfEachFamily(): Promise<readonly string[]> {
  const families = new Map<string, string>();
  for (const name of vlmReferences) {
    const { family } = (await readVlm(name)).spec;
    if (!families.has(family)) families.set(family, name);
  }
  return [...families.values()];
}

export interface VlmReference {
  readonly stopId: number;
  readonly maxTokens: number;
  /** A prompt without an image. */
  readonly text: { readonly question: string; readonly ids: readonly number[] };
  readonly cases: readonly {
    readonly width: number;
    readonly height: number;
    readonly question: string;
    readonly ids: readonly number[];
    readonly tiles: number;
    readonly tokens: number;
    /** Where logits were taken. */
    readonly positions: readonly number[];
    readonly answer: readonly number[];
    /** The text of `ids` without special tokens. */
    readonly decoded: string;
  }[];
}

export async function readVlm(name: string): Promise<{
  checkpoint: Checkpoint;
  spec: VisionLanguageSpec;
  reference: VlmReference;
  arrays: Awaited<ReturnType<typeof readArrays>>;
}> {
  const folder = `zoo/reference/vlm/${name}`;
  const checkpoint = await readCheckpoint(folder);
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind !== 'vlm')
    throw new Error(spec.kind === 'unknown' ? spec.reason : `${name} was read as a text model`);
  return {
    checkpoint,
    spec,
    reference: await readJsonFixture(`${folder}/reference.json`),
    arrays: await readArrays(`${folder}/reference.safetensors`),
  };
}

/** RGB or RGBA bytes of [H, W, C] as a page hands images over. */
export function rgba({
  shape,
  data,
}: {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}): { width: number; height: number; data: Uint8ClampedArray } {
  const [height = 0, width = 0, channels = 3] = shape;
  const bytes = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 < channels ? (data[Math.floor(i / 4) * channels + (i % 4)] as number) : 255,
  );
  return { width, height, data: bytes };
}
