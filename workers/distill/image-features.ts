/**
 * Vision features of a set of images. They are computed once, kept on the CPU, and uploaded one batch at a
 * time.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { breathe } from '../nn/breathe.ts';
import type { ImageLayout, PreparedImage, Prompter, VisionModel } from '../nn/contract.ts';
import { checkCancelled } from './cancel.ts';

export interface ImageFeatures {
  readonly count: number;
  /** How an image was cut, which its prompt has to say. */
  layout(index: number): ImageLayout;
  /** [D], the features of the image's first token. Attention has made them of a whole tile, not of one patch. */
  glimpse(index: number): Float32Array;
  /** [Σ tokens of the chosen, D], the caller's to dispose. */
  take(indices: readonly number[]): Tensor2D;
}

interface Kept {
  readonly layout: ImageLayout;
  /** [tokens, D] */
  readonly rows: Float32Array;
}

/** The most bytes of features that are kept on the CPU. What a model is shown at once is far less. */
const mostBytes = 2 ** 30;

/**
 * @param prepare image i as its checkpoint's processor makes it
 * @param onDone called with the number of images encoded so far, with a fraction for those that are under way
 */
export async function encodeImages(
  vision: VisionModel,
  count: number,
  prepare: (index: number) => PreparedImage | Promise<PreparedImage>,
  onDone: (done: number) => void,
  signal: AbortSignal,
): Promise<ImageFeatures> {
  const kept: Kept[] = [];
  let keptBytes = 0;
  onDone(0);
  while (kept.length < count) {
    checkCancelled(signal);
    // Images together until they make a batch; one alone may be larger than that.
    const batch: PreparedImage[] = [];
    for (let tiles = 0; tiles < vision.tilesAtOnce && kept.length + batch.length < count;) {
      const image = await prepare(kept.length + batch.length);
      batch.push(image);
      tiles += image.layout.tiles;
    }
    const encoded = await encodeBatch(
      vision,
      batch,
      (share) => onDone(kept.length + share * batch.length),
      signal,
    );
    keptBytes += encoded.reduce((sum, { rows }) => sum + rows.byteLength, 0);
    if (keptBytes > mostBytes) {
      const said = `The features of ${kept.length + encoded.length} of ${count} images take more than 1 GB already. Choose fewer images, or let each be one tile.`;
      throw new StudioError('memory', said, { details: { value: count } });
    }
    kept.push(...encoded);
    onDone(kept.length);
  }
  const of = (index: number): Kept => {
    const found = kept[index];
    if (!found)
      throw new StudioError(
        'internal',
        `Image ${index} was asked for, but only ${count} images were encoded.`,
      );
    return found;
  };
  return {
    count,
    layout: (index) => of(index).layout,
    glimpse: (index) => {
      const { rows, layout } = of(index);
      return rows.subarray(0, rows.length / layout.tokens);
    },
    take: (indices) => {
      const chosen = indices.map(of);
      const tokens = chosen.reduce((sum, { layout }) => sum + layout.tokens, 0);
      const rows = new Float32Array(chosen.reduce((sum, part) => sum + part.rows.length, 0));
      let at = 0;
      for (const part of chosen) {
        rows.set(part.rows, at);
        at += part.rows.length;
      }
      return tf.tensor2d(rows, [tokens, rows.length / tokens]);
    },
  };
}

async function encodeBatch(
  vision: VisionModel,
  images: readonly PreparedImage[],
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Kept[]> {
  const count = images.reduce((sum, { layout }) => sum + layout.tiles, 0);
  const pixels = new Float32Array(images.reduce((sum, image) => sum + image.pixels.length, 0));
  let at = 0;
  for (const image of images) {
    pixels.set(image.pixels, at);
    at += image.pixels.length;
  }
  const made: Tensor[] = [];
  try {
    let first = 0;
    for (const { tiles, layouts } of piecesOf(vision, images)) {
      await breathe();
      checkCancelled(signal);
      made.push(
        vision.encode(
          pixels.subarray((first * pixels.length) / count, ((first + tiles) * pixels.length) / count),
          tiles,
          layouts,
        ),
      );
      first += tiles;
      if (first < count) onShare(first / count);
    }
    const encoded = tf.concat(made as Tensor3D[], 0);
    made.push(encoded);
    const arranged: Tensor2D[] = [];
    let tile = 0;
    for (const { layout } of images) {
      const first = tile;
      const rows = tf.tidy(() =>
        vision.arrange(tf.slice(encoded, [first, 0, 0], [layout.tiles, -1, -1]), layout),
      );
      made.push(rows);
      arranged.push(rows);
      tile += layout.tiles;
    }
    const values = await Promise.all(arranged.map((rows) => rows.data<'float32'>()));
    return images.map(({ layout }, i) => ({ layout, rows: values[i] as Float32Array }));
  } finally {
    tf.dispose(made);
  }
}

interface Piece {
  readonly tiles: number;
  readonly layouts: readonly ImageLayout[];
}

/** What goes through the tower together: so many tiles, whatever image they are of; or whole images. */
function piecesOf(vision: VisionModel, images: readonly PreparedImage[]): Piece[] {
  const layouts = images.map(({ layout }) => layout);
  if (!vision.wholeImages) {
    const count = layouts.reduce((sum, { tiles }) => sum + tiles, 0);
    return Array.from({ length: Math.ceil(count / vision.tilesAtOnce) }, (_, i) => ({
      tiles: Math.min(vision.tilesAtOnce, count - i * vision.tilesAtOnce),
      layouts: [],
    }));
  }
  const pieces: Piece[] = [];
  for (const layout of layouts) {
    const last = pieces.at(-1);
    if (last && last.tiles + layout.tiles <= vision.tilesAtOnce)
      pieces[pieces.length - 1] = { tiles: last.tiles + layout.tiles, layouts: [...last.layouts, layout] };
    else pieces.push({ tiles: layout.tiles, layouts: [layout] });
  }
  return pieces;
}

/** Ids of a question, about image `image` of a set or about none. */
export function promptAbout(
  prompter: Prompter,
  images: ImageFeatures | null,
  text: string,
  image: number | null,
): number[] {
  if (image === null) return prompter.prompt(text, { images: 0 });
  if (!images)
    throw new StudioError('internal', 'A question about an image was asked of a model that was shown none.');
  return prompter.prompt(text, { images: 1, layout: images.layout(image) });
}
