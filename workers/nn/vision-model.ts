/**
 * The eyes of Idefics3 and SmolVLM: a SigLIP tower (Zhai et al. 2023, arXiv 2303.15343) with learned positions and a final norm, pixel
 * shuffle, and one linear connector without bias. One square image a prompt, without splitting; not differentiable.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VisionLanguageSpec } from '../../src/core/family/model-spec.ts';
import type { Checkpoint } from '../io/contract.ts';
import { joinHeads, splitHeads } from '../kernels/heads/heads.ts';
import { attend } from './attention.ts';
import type { VisionModel } from './contract.ts';
import { geluTanh, layerNorm } from './layer-norm.ts';
import { patchRows } from './patches.ts';
import { TensorLoader } from './tensor-loader.ts';

interface Affine {
  readonly weight: tf.Tensor2D;
  readonly bias: tf.Tensor1D;
}

interface Norm {
  readonly weight: tf.Tensor1D;
  readonly bias: tf.Tensor1D;
}

interface Block {
  readonly norm1: Norm;
  readonly norm2: Norm;
  readonly q: Affine;
  readonly k: Affine;
  readonly v: Affine;
  readonly out: Affine;
  readonly fc1: Affine;
  readonly fc2: Affine;
}

interface Weights {
  readonly patch: Affine;
  /** [(S/p)², width] */
  readonly positions: tf.Tensor2D;
  readonly blocks: readonly Block[];
  readonly postNorm: Norm;
  /** [text width, width · s²] */
  readonly projection: tf.Tensor2D;
}

/** The part of a vision-language model's spec that concerns its eyes. */
type EyesSpec = Pick<VisionLanguageSpec, 'vision' | 'scaleFactor' | 'names' | 'text'>;

/** On failure or abort nothing stays on the device. */
export async function loadVision(checkpoint: Checkpoint, { vision: spec, scaleFactor, names, text }: EyesSpec, signal?: AbortSignal): Promise<VisionModel> {
  const loader = new TensorLoader(checkpoint, signal);
  const width = spec.hiddenSize;
  const inner = spec.intermediateSize;
  const affine = async (name: string, out: number, into: number): Promise<Affine> => ({ weight: await loader.matrix(`${name}.weight`, [out, into]), bias: await loader.vector(`${name}.bias`, out) });
  const norm = async (name: string): Promise<Norm> => ({ weight: await loader.vector(`${name}.weight`, width), bias: await loader.vector(`${name}.bias`, width) });
  try {
    const patchName = `${names.vision}embeddings.patch_embedding`;
    const patch: Affine = {
      weight: await loader.rows(`${patchName}.weight`, [width, spec.channels, spec.patchSize, spec.patchSize]),
      bias: await loader.vector(`${patchName}.bias`, width),
    };
    const positions = await loader.matrix(`${names.vision}embeddings.position_embedding.weight`, [(spec.imageSize / spec.patchSize) ** 2, width]);
    const blocks: Block[] = [];
    for (let layer = 0; layer < spec.layers; layer++) {
      const prefix = `${names.vision}encoder.layers.${layer}.`;
      blocks.push({
        norm1: await norm(`${prefix}layer_norm1`),
        norm2: await norm(`${prefix}layer_norm2`),
        q: await affine(`${prefix}self_attn.q_proj`, width, width),
        k: await affine(`${prefix}self_attn.k_proj`, width, width),
        v: await affine(`${prefix}self_attn.v_proj`, width, width),
        out: await affine(`${prefix}self_attn.out_proj`, width, width),
        fc1: await affine(`${prefix}mlp.fc1`, inner, width),
        fc2: await affine(`${prefix}mlp.fc2`, width, inner),
      });
    }
    const postNorm = await norm(`${names.vision}post_layernorm`);
    const projection = await loader.matrix(names.connector, [text.hiddenSize, width * scaleFactor ** 2]);
    return new LoadedVision(spec, scaleFactor, { patch, positions, blocks, postNorm, projection }, () => loader.disposeAll());
  } catch (thrown) {
    loader.disposeAll();
    throw thrown;
  }
}

class LoadedVision implements VisionModel {
  readonly tokensPerImage: number;
  readonly dispose: () => void;
  readonly #spec: EyesSpec['vision'];
  readonly #scaleFactor: number;
  readonly #weights: Weights;

  constructor(spec: EyesSpec['vision'], scaleFactor: number, weights: Weights, dispose: () => void) {
    this.#spec = spec;
    this.#scaleFactor = scaleFactor;
    this.#weights = weights;
    this.dispose = dispose;
    this.tokensPerImage = (spec.imageSize / spec.patchSize / scaleFactor) ** 2;
  }

  encode(pixels: Float32Array, count: number): tf.Tensor3D {
    const { channels, imageSize, patchSize, layerNormEps: epsilon, hiddenSize: width } = this.#spec;
    const { patch, positions, blocks, postNorm, projection } = this.#weights;
    const side = imageSize / patchSize;
    return tf.tidy(() => {
      const patches = tf.tensor2d(patchRows(pixels, count, channels, imageSize, patchSize), [count * side * side, channels * patchSize * patchSize]);
      const placed = tf.add(tf.reshape(apply(patches, patch), [count, side * side, width]), positions);
      let rows = tf.reshape(placed, [count * side * side, width]) as tf.Tensor2D;
      for (const block of blocks) {
        // A block's intermediates go before the next begins: a tower of 27 layers would hold them all.
        const before = rows;
        rows = tf.tidy(() => this.#block(before, block, count));
        before.dispose();
      }
      const normed = layerNorm(rows, postNorm.weight, postNorm.bias, epsilon);
      const shuffled = pixelShuffle(normed, count, side, this.#scaleFactor);
      const features = tf.matMul(shuffled, projection, false, true);
      return tf.reshape(features, [count, this.tokensPerImage, projection.shape[0]]);
    });
  }

  #block(rows: tf.Tensor2D, block: Block, count: number): tf.Tensor2D {
    const { layerNormEps: epsilon, heads, hiddenSize: width } = this.#spec;
    const normed = layerNorm(rows, block.norm1.weight, block.norm1.bias, epsilon);
    const split = (affine: Affine) => splitHeads(apply(normed, affine), count, heads, null);
    const queries = tf.mul(split(block.q), (width / heads) ** -0.5) as tf.Tensor4D;
    const attended = joinHeads(attend(queries, split(block.k), split(block.v), null));
    const middle: tf.Tensor2D = tf.add(rows, apply(attended, block.out));
    const inner = geluTanh(apply(layerNorm(middle, block.norm2.weight, block.norm2.bias, epsilon), block.fc1));
    return tf.add(middle, apply(inner, block.fc2));
  }
}

function apply(x: tf.Tensor2D, { weight, bias }: Affine): tf.Tensor2D {
  return tf.add(tf.matMul(x, weight, false, true), bias);
}

/**
 * Idefics3's pixel shuffle: s × s neighbouring patches become one row, out[i, j, (di·s + dj)·C + c] = in[i·s + di, j·s + dj, c].
 * [N·side², C] → [N·(side/s)², C·s²]
 */
export function pixelShuffle(x: tf.Tensor2D, count: number, side: number, factor: number): tf.Tensor2D {
  const width = x.shape[1];
  const small = side / factor;
  const blocks = tf.reshape(x, [count * small, factor, small, factor * width]);
  return tf.reshape(tf.transpose(blocks, [0, 2, 1, 3]), [count * small * small, factor * factor * width]);
}
