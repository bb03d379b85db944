/** A question that is put to the three models, and what they say to it. */
import type { MethodChoice } from '../core/merging/choose.ts';
import type { AskedModel } from './events.ts';
import type { KnownAnswer, RgbaImage } from './session.ts';

/**
 * Gates of θ_vlm + λ U(gates ⊙ S)Vᵀ: float32, one for each gate of the layout, or a number for the same gate
 * everywhere (1 is task arithmetic).
 */
export type TargetGates = Float32Array | number;

export interface Answer {
  readonly text: string;
  readonly tokens: number;
  readonly elapsedMs: number;
}

export interface TryRequest {
  readonly image: RgbaImage;
  readonly question: string;
  /** Of the merged model that is asked. */
  readonly lambda: number;
  readonly gates: TargetGates;
  /** Where it is given, a model that this method merged is asked in the place of one by λ and gates. */
  readonly method?: MethodChoice | null;
  readonly maxTokens: number;
  /** The right answer to the question, where it is known. No model sees it. */
  readonly known?: KnownAnswer | null;
}

export interface TryResult {
  readonly vlm: Answer;
  /**
   * The LRM cannot see: it answers the question on `transcript`, what the VLM read from the image. Both
   * together are its `prompt`.
   */
  readonly lrm: Answer & { readonly prompt: string; readonly transcript: string };
  readonly merged: Answer;
  /** Which answers are right; null where that is not known. */
  readonly right: Readonly<Record<AskedModel, boolean | null>>;
}
