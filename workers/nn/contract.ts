/**
 * The border between models and everything that uses them: tokens and pixels in, logits and answers out.
 *
 * Shapes: B batch rows, T columns (padded), D text width, K vocabulary, N tiles, I rows of features a tile. All float32.
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
  /** [B·T, D]. `images`, [n, D], overwrite the rows where ids equal `imageTokenId`, in order. */
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

/** How an image was cut into tiles: what its prompt and the order of its features need to know. */
export interface ImageLayout {
  /** Pixels of the image as it came. */
  readonly width: number;
  readonly height: number;
  /** Grid of the tiles that show it part by part; 0 × 0 where the whole image is all there is. */
  readonly rows: number;
  readonly columns: number;
  /** Inputs of the vision tower; with a grid, the whole image is usually one more. */
  readonly tiles: number;
  /** Image tokens that stand for it in a prompt. */
  readonly tokens: number;
}

export interface PreparedImage {
  /** Normalised [tiles, C, H, W]. */
  readonly pixels: Float32Array;
  readonly layout: ImageLayout;
}

export interface VisionModel {
  /** I. */
  readonly tokensPerTile: number;
  /** Tiles that are worth encoding together: more would take memory, and time in which nothing else is heard. */
  readonly tilesAtOnce: number;
  /** Pixels [N, C, H, W] already normalised → projected features [N, I, D]. Not differentiable. */
  encode(pixels: Float32Array, count: number): Tensor3D;
  /** Of one image: the features of its tiles, [tiles, I, D] → the rows that take the places of its image tokens, [tokens, D]. */
  arrange(tiles: Tensor3D, layout: ImageLayout): Tensor2D;
  dispose(): void;
}

/** Text side of a checkpoint: chat template and tokenizer, as `transformers` applies them. */
export interface Prompter {
  /**
   * Ids of a user turn with generation prompt; an image is expanded to the placeholder tokens that its layout calls for. Without a
   * layout it is one tile, which only families with images of one size can do without.
   */
  prompt(text: string, options: { readonly images: 0 | 1; readonly layout?: ImageLayout }): number[];
  encode(text: string): number[];
  /** Ids of text to go on with, no chat around it, with the tokenizer's own first and last tokens. */
  continuation(text: string): number[];
  decode(ids: readonly number[]): string;
  readonly stopIds: readonly number[];
  readonly imageTokenId: number | null;
}

/** Image side: pixels as the checkpoint's own processor makes them. */
export interface ImagePreprocessor {
  /** From RGBA. */
  preprocess(image: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray | Uint8Array }): PreparedImage;
  /** Of a tile. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}
