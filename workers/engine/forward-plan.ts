/**
 * Decides from architectures, tokenizers and image preparation whether a trio's models can be run here. No
 * weights are loaded.
 */
import type { Role } from '../../core/family/trio.ts';
import { StudioError } from '../../core/errors.ts';
import type { Finding } from '../../core/family/pairing.ts';
import type { ModelSpec } from '../../core/family/model-spec.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { Prompter } from '../nn/contract.ts';
import { asStored } from '../nn/finite-logits.ts';
import { loadPreprocessor } from '../nn/preprocess.ts';
import { loadPrompter } from '../nn/prompter.ts';
import { loadTextModel } from '../nn/text-model.ts';
import { loadVision } from '../nn/vision-model.ts';
import type { ForwardPlan } from './forward.ts';
import type { OnBytes } from './lazy.ts';

/** The plan, or why there is none, in a sentence. Only cancelling and faults of reading throw. */
export async function planForward(
  checkpoints: Readonly<Record<Role, Checkpoint>>,
  specs: Readonly<Record<Role, ModelSpec>>,
  signal: AbortSignal,
): Promise<ForwardPlan | string> {
  const { vlm, lrm } = specs;
  if (vlm.kind === 'unknown') return vlm.reason;
  if (lrm.kind === 'unknown') return lrm.reason;
  if (vlm.kind !== 'vlm')
    return `${checkpoints.vlm.label} (${vlm.architecture}) cannot see images: choose a vision-language model.`;
  if (lrm.kind !== 'text') return `${checkpoints.lrm.label} (${lrm.architecture}) is not a text model.`;
  try {
    const seeing = {
      named: asStored(`the VLM ${checkpoints.vlm.label}`),
      prompter: await loadPrompter(checkpoints.vlm, vlm, signal),
      preprocessor: await loadPreprocessor(checkpoints.vlm, vlm, signal),
    };
    const { channels, height, width } = seeing.preprocessor;
    const side = vlm.vision.imageSize;
    if (channels !== vlm.vision.channels || height !== side || width !== side) {
      return `${checkpoints.vlm.label} prepares images of ${width} × ${height} pixels, but its vision tower takes ${side} × ${side}.`;
    }
    const reasoning = {
      named: asStored(`the reasoning model ${checkpoints.lrm.label}`),
      prompter: await loadPrompter(checkpoints.lrm, lrm, signal),
      maxPositions: lrm.text.maxPositions,
    };
    return {
      vlm: seeing,
      lrm: reasoning,
      spec: vlm,
      sharedTokens: speakAlike(seeing.prompter, reasoning.prompter),
      loadText: (loading, onBytes) =>
        loadTextModel(watch(checkpoints.vlm, onBytes), vlm.text, vlm.names, loading),
      loadVision: (loading, onBytes) => loadVision(watch(checkpoints.vlm, onBytes), vlm, loading),
      loadLrm: (loading, onBytes) =>
        loadTextModel(watch(checkpoints.lrm, onBytes), lrm.text, lrm.names, loading),
    };
  } catch (thrown) {
    if (thrown instanceof StudioError && !['cancelled', 'network', 'changed'].includes(thrown.code))
      return thrown.message;
    throw thrown;
  }
}

/** What the files of a plan's text and image sides hold that is not heeded. */
export const planFindings = ({ vlm, lrm }: ForwardPlan): readonly Finding[] => [
  ...new Map(
    [vlm.prompter, vlm.preprocessor, lrm.prompter]
      .flatMap(({ findings }) => findings)
      .map((finding) => [finding.message, finding]),
  ).values(),
];

/** The same checkpoint, telling of each tensor that is read for the device. */
function watch(checkpoint: Checkpoint, onBytes: OnBytes): Checkpoint {
  const told =
    <T>(read: (name: string, signal?: AbortSignal) => Promise<T>) =>
    async (name: string, signal?: AbortSignal): Promise<T> => {
      const values = await read(name, signal);
      onBytes(checkpoint.tensors.get(name)?.sizeBytes ?? 0);
      return values;
    };
  return { ...checkpoint, readFloat32: told(checkpoint.readFloat32), readRaw: told(checkpoint.readRaw) };
}

const probes = [
  '0123456789',
  '3+4*2=3+8=11',
  'The answer is 42.',
  'Let x = 5; then f(x) = 2x + 1.\n',
  'naïve café, 東京',
];

/** Teacher and student are compared token by token, so an id must mean the same to both. */
function speakAlike(a: Prompter, b: Prompter): boolean {
  return probes.every((text) => {
    const [left, right] = [a.encode(text), b.encode(text)];
    return left.length === right.length && left.every((id, i) => id === right[i]);
  });
}
