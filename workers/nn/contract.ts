/**
 * The contract between models and everything that uses them: tokens and pixels in, logits and answers out.
 *
 * Shapes: B batch rows, T columns (padded), D text width, K vocabulary, N tiles, I rows of features a tile.
 * All float32. Tensors that a function returns belong to the caller, who disposes them; what it is given it
 * never disposes.
 */
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { AnswerRules } from '../../core/reading/generation-config.ts';
import type { Finding } from '../../core/family/pairing.ts';
import type { NamedModel } from './finite-logits.ts';

/** A linear layer's weight W [out, in] that is not held as a float32 matrix: packed, or merged on the way. */
export interface LinearMap {
  readonly shape: readonly [number, number];
  /**
   * x [R, in] → x·Wᵀ [R, out], differentiable with respect to x, unless `constant`, and to what this map is
   * made of.
   */
  apply(x: Tensor2D, constant: boolean): Tensor2D;
  /** dy [R, out] → dy·W [R, in]; not differentiable. */
  applyTransposed(dy: Tensor2D): Tensor2D;
  /** W as a matrix, the caller's to dispose. */
  dense(): Tensor2D;
}

export type Linear = Tensor2D | LinearMap;

/**
 * Weights of the merged linear layers by slot id (`layers.0.self_attn.q_proj`). Multiply by them with
 * `multiply` (linear.ts).
 */
export type Linears = ReadonlyMap<string, Linear>;

/**
 * Token ids in a padded rectangle. Left padding, so that generation appends at the right edge of every row.
 */
export interface TokenBatch {
  /** Row-major, length rows · columns; padding positions hold any valid id. */
  readonly ids: Int32Array;
  readonly rows: number;
  readonly columns: number;
  /**
   * Padding positions at the start of each row; they are masked out, and positions count from the first real
   * token.
   */
  readonly padding: Int32Array;
  /**
   * The images whose tokens are in the rows, in that order. Only decoders with rotary sections (M-RoPE) look:
   * their image tokens stand in a grid.
   */
  readonly images?: { readonly tokenId: number; readonly layouts: readonly ImageLayout[] };
}

export interface GenerateOptions {
  readonly maxTokens: number;
  readonly stopIds: readonly number[];
  /** What else changes an answer; absent or null where it is simply the likeliest token, step by step. */
  readonly rules?: AnswerRules | null;
  /** Whose logits they are, for the error where they are not finite. */
  readonly named?: NamedModel;
  readonly signal?: AbortSignal;
  /** Told after each token what all rows have said so far; the lists are not the listener's to keep. */
  readonly onToken?: (answers: readonly (readonly number[])[]) => void;
}

export interface TextModel {
  readonly width: number;
  readonly vocabulary: number;
  /** Bytes of one token's keys and values in all layers, as generation keeps them. */
  readonly cacheBytes: number;
  /** This checkpoint's own linear layers. */
  readonly linears: Linears;
  /** [B·T, D]. `images`, [n, D], overwrite the rows where ids equal `imageTokenId`, in order. */
  embed(batch: TokenBatch, images?: { readonly features: Tensor2D; readonly tokenId: number }): Tensor2D;
  /**
   * Logits [P, K] at P flat positions (row · columns + column), differentiable with respect to every tensor
   * of `linears`. `embedded` is [B·T, D] from `embed`.
   */
  logits(embedded: Tensor2D, batch: TokenBatch, linears: Linears, positions: Int32Array): Tensor2D;
  /**
   * The way of `logits`, one layer at a time; absent where a model has no layers to show. Lives in the
   * caller's tidy.
   */
  layers?(embedded: Tensor2D, batch: TokenBatch, positions: Int32Array): Layers;
  /** Greedy, with a KV cache. Ids up to and without the stop id, a list a row. */
  generate(
    embedded: Tensor2D,
    batch: TokenBatch,
    linears: Linears,
    options: GenerateOptions,
  ): Promise<number[][]>;
  dispose(): void;
}

/**
 * logits = head(layer(n − 1, … layer(0, input))). Each function may be called again, with the same result.
 */
export interface Layers {
  /** [R, D], constant. */
  readonly input: Tensor2D;
  readonly count: number;
  /** Keys of `linears` that a layer uses. */
  slots(layer: number): readonly string[];
  /** Differentiable with respect to `linears` and, but for layer 0, to its rows. */
  layer(index: number, rows: Tensor2D, linears: Linears): Tensor2D;
  /** [P, D] → [P, K]; differentiable. */
  head(rows: Tensor2D): Tensor2D;
  /** About what a tape through all layers keeps for the way back. */
  readonly tapeBytes: number;
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
  /**
   * Tiles that are worth encoding together: more would take memory, and time in which nothing else is heard.
   */
  readonly tilesAtOnce: number;
  /** The tiles of an image read each other: all of them are encoded in one piece, however many they are. */
  readonly wholeImages: boolean;
  /**
   * Pixels [N, C, H, W] already normalised → projected features [N, I, D]. Not differentiable.
   *
   * @param images whose tiles these are, in order, all of each; needed where `wholeImages` is true
   */
  encode(pixels: Float32Array, count: number, images?: readonly ImageLayout[]): Tensor3D;
  /**
   * Arranges the features of one image's tiles, [tiles, I, D], as the rows that take the places of its image
   * tokens, [tokens, D].
   */
  arrange(tiles: Tensor3D, layout: ImageLayout): Tensor2D;
  dispose(): void;
}

/** Text side of a checkpoint: chat template and tokenizer, as `transformers` applies them. */
export interface Prompter {
  /** What its files hold that is not heeded, or otherwise than a reader might expect. */
  readonly findings: readonly Finding[];
  /**
   * Ids of a user turn with generation prompt; an image is expanded to the placeholder tokens that its layout
   * calls for. Without a layout it is one tile, which only families with images of one size can do without.
   */
  prompt(text: string, options: { readonly images: 0 | 1; readonly layout?: ImageLayout }): number[];
  encode(text: string): number[];
  /** Ids of text to go on with, no chat around it, with the tokenizer's own first and last tokens. */
  continuation(text: string): number[];
  decode(ids: readonly number[]): string;
  readonly stopIds: readonly number[];
  /** What generation_config.json has beside them that changes a greedy answer; null where nothing does. */
  readonly rules: AnswerRules | null;
  readonly imageTokenId: number | null;
}

export type Preprocess = (image: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}) => PreparedImage;

/** Image side: pixels as the checkpoint's own processor makes them. */
export interface ImagePreprocessor {
  /** From RGBA. */
  readonly preprocess: Preprocess;
  /**
   * The same image in one tile, as the processor makes it when asked not to cut; null where it never cuts, or
   * cannot be asked.
   */
  readonly whole: Preprocess | null;
  /** The shape of a tile. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}
