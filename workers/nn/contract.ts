/**
 * The border between models and everything that uses them: tokens and pixels in, logits and answers out.
 *
 * Shapes: B batch rows, T columns (padded), D text width, K vocabulary, N images, I image tokens an image. All float32.
 * Tensors that a function returns belong to the caller, who disposes them; what it is given it never disposes.
 */
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** Weights of the merged linear layers by slot id (`layers.0.self_attn.q_proj`), each [out, in]. */
export type Linears = ReadonlyMap<string, Tensor2D>;

/** Token ids in a padded rectangle. Left padding, so that generation appends at the right edge of every row. */
export interface TokenBatch {
  /** Row-major, length rows · columns; padding positions hold any valid id. */
  readonly ids: Int32Array;
  readonly rows: number;
  readonly columns: number;
  /** Padding positions at the start of each row; they are masked out, and positions count from the first real token. */
  readonly padding: Int32Array;
}

export interface GenerateOptions {
  readonly maxTokens: number;
  readonly stopIds: readonly number[];
  readonly signal?: AbortSignal;
}

export interface TextModel {
  readonly width: number;
  readonly vocabulary: number;
  /** This checkpoint's own linear layers. */
  readonly linears: Linears;
  /** [B·T, D]. `images`, [n·I, D], overwrite the rows where ids equal `imageTokenId`, in order. */
  embed(batch: TokenBatch, images?: { readonly features: Tensor2D; readonly tokenId: number }): Tensor2D;
  /**
   * Logits [P, K] at P flat positions (row · columns + column), differentiable with respect to every tensor of `linears`.
   * `embedded` is [B·T, D] from `embed`.
   */
  logits(embedded: Tensor2D, batch: TokenBatch, linears: Linears, positions: Int32Array): Tensor2D;
  /** Greedy, with a KV cache. Ids up to and without the stop id, a list a row. */
  generate(embedded: Tensor2D, batch: TokenBatch, linears: Linears, options: GenerateOptions): Promise<number[][]>;
  dispose(): void;
}

export interface VisionModel {
  /** I: image tokens an image. */
  readonly tokensPerImage: number;
  /** Pixels [N, C, H, W] already normalised → projected features [N, I, D]. Not differentiable. */
  encode(pixels: Float32Array, count: number): Tensor3D;
  dispose(): void;
}

/** Text side of a checkpoint: chat template and tokenizer, as `transformers` applies them. */
export interface Prompter {
  /** Ids of a user turn with generation prompt; an image is expanded to its placeholder tokens. */
  prompt(text: string, options: { readonly images: 0 | 1 }): number[];
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  readonly stopIds: readonly number[];
  readonly imageTokenId: number | null;
}

/** Image side: pixels as the checkpoint's own processor makes them. */
export interface ImagePreprocessor {
  /** RGBA → normalised [C, H, W]. */
  preprocess(image: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray | Uint8Array }): Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}
