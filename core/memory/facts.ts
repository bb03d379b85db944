/**
 * What the memory of opening and running a trio depends on: of the models what headers tell, of the device
 * what it tells itself. Plain values.
 */
import type { TextSpec } from '../family/text/text-spec.ts';

/** Shapes of a language model, as far as memory depends on them. */
export type TextShape = Pick<
  TextSpec,
  | 'layers'
  | 'hiddenSize'
  | 'intermediateSize'
  | 'heads'
  | 'keyValueHeads'
  | 'headDim'
  | 'vocabSize'
  | 'qkvBias'
  | 'outputBias'
  | 'mlpBias'
  | 'qkNorm'
>;

/** One item that is learnt from, the longest that is expected. */
export interface SampleFacts {
  /** Tokens of a prompt, those of its image included. */
  readonly promptTokens: number;
  /** Of these, the image's. */
  readonly imageTokens: number;
  /** Inputs of the vision tower that an image is cut into. */
  readonly imageTiles: number;
  /** Tokens of the longest text prompt of the second teacher; 0 where there is none. */
  readonly textTokens: number;
  /** An answer has at most so many. */
  readonly answerTokens: number;
  /** Items whose teacher's distributions are kept, of each term; 0 where the trio brings none. */
  readonly items: { readonly distill: number; readonly trace: number; readonly composed: number };
  /** Images of which features are kept. */
  readonly images: number;
  /** True: nothing was known, so one photograph and a short question were assumed. */
  readonly assumed: boolean;
}

export interface RunFacts {
  readonly text: TextShape;
  /** Numbers that go to the device. */
  readonly parameters: { readonly text: number; readonly vision: number; readonly lrm: number };
  /** Bytes of a number as VLM and LRM store it, at most 4. */
  readonly storedBytes: number;
  /** Numbers of the largest tensor of VLM or LRM. */
  readonly largestTensor: number;
  /** Vocabulary of the reasoning model. */
  readonly lrmVocabulary: number;
  /** What goes through the vision tower at once, in float32. */
  readonly encodingBytes: number;
  /** Values of one prepared tile. */
  readonly tileValues: number;
  readonly sample: SampleFacts;
}

export interface MemoryFacts {
  /**
   * By slot, parallel to the slots that pair: bytes that a worker holds at most while it decomposes it,
   * tensors read included.
   */
  readonly decomposing: readonly number[];
  /** Slots whose decomposition the kernel cannot address at all, by index. */
  readonly impossible: readonly number[];
  readonly workers: number;
  /** What decompositions may hold together; a larger one runs alone. */
  readonly poolBytes: number;
  /** Null where these models cannot be run here whatever memory there is. */
  readonly run: RunFacts | null;
}

/** What a compute device can hold. */
export interface DeviceCapacity {
  readonly backend: 'wasm' | 'webgpu';
  /**
   * Bytes in all, where there is a limit that is known: WebAssembly's 4 GiB. Null: no browser says how much a
   * graphics processor has.
   */
  readonly totalBytes: number | null;
  /** Bytes of one tensor. */
  readonly tensorBytes: number;
  /** Whether weights stored in 16 bits stay so there; else they are float32. */
  readonly packsWeights: boolean;
  /** Whether attention, norms and SwiGLU are single operations that leave no intermediates. */
  readonly fused: boolean;
  /** A matrix product copies its right-hand side for as long as it takes (several threads). */
  readonly copiesOperands: boolean;
  /** Of the machine, in bytes; null where it is not told. */
  readonly machineBytes: number | null;
  /** The machine may have more: browsers round it down and stop counting at 8 GiB or so. */
  readonly machineAtLeast: boolean;
}
