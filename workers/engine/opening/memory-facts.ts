/**
 * What the memory of a trio depends on: its headers, and for a session also the images and texts that it
 * brings.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import type { VisionLanguageSpec } from '../../../core/family/families.ts';
import type { ModelSpec } from '../../../core/family/model-spec.ts';
import { dtypeBytes, isDtype } from '../../../core/safetensors/dtype.ts';
import { tensorPart } from '../../../core/family/tensor-names.ts';
import type { MemoryFacts, RunFacts, SampleFacts } from '../../../core/memory/facts.ts';
import { encodingBytes } from '../../../core/memory/tower-work.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint, TensorEntry } from '../../io/contract.ts';
import type { ImageLayout, ImagePreprocessor } from '../../nn/contract.ts';
import { loadPreprocessor } from '../../nn/preprocess.ts';
import { poolBudgetBytes } from '../decomposing/decompose.ts';
import { isTooLarge, taskPeakBytes } from '../decomposing/decompose-task.ts';
import type { DataSet } from './data-set.ts';
import type { ForwardPlan } from '../forward.ts';
import { plainAnswerTokens } from './manifest.ts';
import { faultOf } from './tolerated.ts';
import type { PerRole } from '../roles.ts';

export interface FactParts {
  readonly checkpoints: PerRole<Checkpoint>;
  readonly specs: PerRole<ModelSpec>;
  readonly slots: readonly SlotInfo[];
  readonly workers: number;
}

/** @param sample of what is learnt from; null where the models cannot be run */
export function memoryFacts(
  { checkpoints, specs, slots, workers }: FactParts,
  sample: SampleFacts | null,
): MemoryFacts {
  const decomposing = slots.map((slot) => taskPeakBytes(checkpoints, slot));
  const impossible = slots.flatMap((slot, index) => (isTooLarge(checkpoints, slot) ? [index] : []));
  const { vlm, lrm } = specs;
  const run =
    sample && vlm.kind === 'vlm' && lrm.kind === 'text'
      ? runFacts(checkpoints, vlm, lrm.text.vocabSize, sample)
      : null;
  return { decomposing, impossible, workers, poolBytes: poolBudgetBytes, run };
}

function runFacts(
  { vlm: seeing, lrm: reasoning }: PerRole<Checkpoint>,
  spec: VisionLanguageSpec,
  lrmVocabulary: number,
  sample: SampleFacts,
): RunFacts {
  const own = [...seeing.tensors.values()];
  const isTied = (name: string) => spec.names.head === null && tensorPart(name) === 'head';
  const unread = (name: string) =>
    isTied(name) || (name.startsWith(spec.names.vision) && blockOf(name) >= spec.blocks);
  const parameters = { text: 0, vision: 0, lrm: 0 };
  for (const tensor of own)
    if (!unread(tensor.name))
      parameters[tensorPart(tensor.name) === 'vision' ? 'vision' : 'text'] += sizeOf(tensor);
  for (const tensor of reasoning.tensors.values()) parameters.lrm += sizeOf(tensor);
  return {
    text: spec.text,
    parameters,
    storedBytes: Math.min(
      4,
      Math.max(
        ...[...own, ...reasoning.tensors.values()].map(({ dtype }) =>
          isDtype(dtype) ? dtypeBytes[dtype] : 4,
        ),
      ),
    ),
    largestTensor: Math.max(...own.map(sizeOf), ...[...reasoning.tensors.values()].map(sizeOf)),
    lrmVocabulary,
    encodingBytes: encoding(spec, sample),
    tileValues: spec.vision.channels * spec.vision.imageSize ** 2,
    sample,
  };
}

const encoding = (
  { vision, blocks }: Pick<VisionLanguageSpec, 'vision' | 'blocks'>,
  { imageTiles, images }: SampleFacts,
): number => encodingBytes(vision, blocks, imageTiles, images);

/** The same models calibrated on something else. */
export function withSample(memory: MemoryFacts, spec: VisionLanguageSpec, sample: SampleFacts): MemoryFacts {
  return memory.run
    ? { ...memory, run: { ...memory.run, sample, encodingBytes: encoding(spec, sample) } }
    : memory;
}

const sizeOf = ({ shape }: TensorEntry): number => shape.reduce((product, size) => product * size, 1);

/** The number of the block that a tower's tensor belongs to; −1 for a tensor outside the blocks. */
const blockOf = (name: string): number => Number(/\.(?:layers?|blocks)\.(\d{1,4})\./.exec(name)?.[1] ?? -1);

/** A photograph, as most cameras make them; scaled down, for its shape is all that counts. */
const photograph = { width: 640, height: 480 };
const questionTokens = 64;

/** Of a trio whose images are not known. @param preprocessor null where its configuration cannot be read */
function assumedSample(
  { tokensPerTile }: Pick<VisionLanguageSpec, 'tokensPerTile'>,
  preprocessor: ImagePreprocessor | null,
  answerTokens = plainAnswerTokens,
): SampleFacts {
  const { tokens, tiles } = layoutOf(preprocessor, photograph) ?? { tokens: tokensPerTile, tiles: 1 };
  return {
    promptTokens: tokens + questionTokens,
    imageTokens: tokens,
    imageTiles: tiles,
    textTokens: questionTokens + answerTokens,
    answerTokens,
    items: { calibration: 64, traces: 64, composed: 64 },
    images: 64,
    assumed: true,
  };
}

/** Of an image of a data set, without its pixels: they decide nothing of its layout. */
export const layoutOfTile = ({ preprocess }: ImagePreprocessor, side: number): ImageLayout =>
  preprocess({ width: side, height: side, data: new Uint8Array(4 * side * side) }).layout;

function layoutOf(
  preprocessor: ImagePreprocessor | null,
  { width, height }: { readonly width: number; readonly height: number },
): ImageLayout | null {
  return (
    preprocessor &&
    preprocessor.preprocess({ width, height, data: new Uint8Array(4 * width * height) }).layout
  );
}

/** Before anything is opened: the image processor's configuration is read, and nothing else. */
export async function previewSample(
  checkpoints: PerRole<Checkpoint>,
  specs: PerRole<ModelSpec>,
  signal: AbortSignal,
): Promise<SampleFacts | null> {
  const { vlm, lrm } = specs;
  if (vlm.kind !== 'vlm' || lrm.kind !== 'text') return null;
  const preprocessor = await loadPreprocessor(checkpoints.vlm, vlm, signal).catch(() => null);
  signal.throwIfAborted();
  return assumedSample(vlm, preprocessor);
}

export interface SampleParts {
  readonly plan: {
    readonly vlm: Pick<ForwardPlan['vlm'], 'prompter' | 'preprocessor'>;
    readonly lrm: Pick<ForwardPlan['lrm'], 'prompter'>;
    readonly spec: ForwardPlan['spec'];
  };
  readonly calibration: DataSet | null;
  readonly composed: DataSet | null;
  readonly traces: readonly string[] | null;
  readonly answerTokens: number;
  /** The image that stands for all, by index; the first where absent. */
  readonly image?: number | undefined;
  /** Calibration images are one tile each, where the family cuts. */
  readonly wholeImages?: boolean | undefined;
}

/**
 * The sample of a session: its longest prompts on images of the size that it brings, or what is assumed where
 * it brings none.
 */
export async function sessionSample(
  { plan, calibration, composed, traces, answerTokens, image: index = 0, wholeImages = false }: SampleParts,
  signal: AbortSignal,
): Promise<SampleFacts> {
  const { prompter, preprocessor } = plan.vlm;
  if (!calibration) return assumedSample(plan.spec, preprocessor, answerTokens);
  const preprocess = (wholeImages && preprocessor.whole) || preprocessor.preprocess;
  const layout =
    calibration.tile === null
      ? preprocess(await (await calibration.sheet(signal)).tile(index)).layout
      : layoutOfTile({ ...preprocessor, preprocess }, calibration.tile);
  const longest = (texts: readonly string[], measure: (text: string) => number) => {
    // By characters first: only a few of the longest are tokenised.
    const few = [...new Set(texts)].sort((a, b) => b.length - a.length).slice(0, 8);
    return few.reduce((most, text) => Math.max(most, measure(text)), 0);
  };
  const asked = [...calibration.items, ...(composed?.items ?? [])].map(({ prompt }) => prompt);
  return {
    promptTokens: longest(asked, (text) => prompter.prompt(text, { images: 1, layout }).length),
    imageTokens: layout.tokens,
    imageTiles: layout.tiles,
    textTokens: longest(
      [...(traces ?? []), ...(composed ? asked : [])],
      (text) => plan.lrm.prompter.prompt(text, { images: 0 }).length,
    ),
    answerTokens,
    items: {
      calibration: calibration.items.length,
      traces: traces?.length ?? 0,
      composed: composed?.items.length ?? 0,
    },
    images: calibration.images + (composed?.images ?? 0),
    assumed: false,
  };
}

/**
 * The same when a trio is opened, with what is assumed and a finding where its calibration is at fault. The images are
 * fetched here although their layout needs none: a run must be told of a damaged sheet before it begins, and must not
 * end because a server has gone in between.
 */
export async function openingSample(
  parts: SampleParts,
  signal: AbortSignal,
): Promise<{ readonly sample: SampleFacts; readonly findings: readonly Finding[] }> {
  try {
    await parts.calibration?.sheet(signal);
    return { sample: await sessionSample(parts, signal), findings: [] };
  } catch (thrown) {
    const { plan, answerTokens } = parts;
    const finding: Finding = {
      code: 'calibration-fails',
      severity: 'warning',
      tensors: [],
      message: `The models cannot be asked what the calibration of this trio asks: ${faultOf(thrown)}.`,
      remedy:
        'A run stops there, and the memory that it takes is only assumed. Correct the prompts of the calibration, or the file that is named. The models can be merged and exported all the same.',
    };
    return { sample: assumedSample(plan.spec, plan.vlm.preprocessor, answerTokens), findings: [finding] };
  }
}
