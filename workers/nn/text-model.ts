/**
 * A text model loaded from a checkpoint: embedding, decoder and output head, each weight on the device once.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { hasBias } from '../../core/family/text/layer-tensors.ts';
import type { TextNames, TextSpec } from '../../core/family/text/text-spec.ts';
import { tapeBytes } from '../../core/memory/text-work.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { GenerateOptions, Layers, Linears, TextModel, TokenBatch } from './contract.ts';
import { decoderLayer, slotId, type LayerExtras } from './decoder.ts';
import { gatherRows } from '../kernels/gather-rows/gather-rows.ts';
import { generateGreedily } from './generate.ts';
import { multiply, takeRows, type Weight } from './linear.ts';
import { rmsNorm } from '../kernels/rms-norm/rms-norm.ts';
import { rotationOf } from './rotary.ts';
import { RotaryTables } from './rotary-tables.ts';
import type { Decoding, Pass } from './pass.ts';
import { decodingOf, passOf, prepareTables } from './sequences.ts';
import { TensorLoader } from './tensor-loader.ts';
import { checkLayers } from './text/check-layers.ts';

/** The linear layers of a decoder layer, each [out, in]. */
function linearShapes({
  hiddenSize,
  intermediateSize,
  heads,
  keyValueHeads,
  headDim,
}: TextSpec): readonly (readonly [string, readonly [number, number]])[] {
  const [queries, keys] = [heads * headDim, keyValueHeads * headDim];
  return [
    ['self_attn.q_proj', [queries, hiddenSize]],
    ['self_attn.k_proj', [keys, hiddenSize]],
    ['self_attn.v_proj', [keys, hiddenSize]],
    ['self_attn.o_proj', [hiddenSize, queries]],
    ['mlp.gate_proj', [intermediateSize, hiddenSize]],
    ['mlp.up_proj', [intermediateSize, hiddenSize]],
    ['mlp.down_proj', [hiddenSize, intermediateSize]],
  ];
}

/** On failure or abort nothing stays on the device. */
export async function loadTextModel(
  checkpoint: Checkpoint,
  spec: TextSpec,
  names: TextNames,
  signal?: AbortSignal,
): Promise<TextModel> {
  checkLayers(checkpoint, names.layers, spec.layers);
  const loader = new TensorLoader(checkpoint, signal);
  try {
    const embedding = await loader.weight(names.embedding, [spec.vocabSize, spec.hiddenSize]);
    const linears = new Map<string, Weight>();
    const extras: LayerExtras[] = [];
    for (let layer = 0; layer < spec.layers; layer++) {
      const prefix = `${names.layers}${layer}.`;
      const biases = new Map<string, tf.Tensor1D>();
      for (const [name, shape] of linearShapes(spec)) {
        linears.set(slotId(layer, name), await loader.weight(`${prefix}${name}.weight`, shape));
        // One that is missing is zero in transformers, and one that config.json does not ask for is dropped.
        if (hasBias(spec, name) && checkpoint.tensors.has(`${prefix}${name}.bias`))
          biases.set(name, await loader.vector(`${prefix}${name}.bias`, shape[0]));
      }
      extras.push({
        inputNorm: await loader.vector(`${prefix}input_layernorm.weight`, spec.hiddenSize),
        mlpNorm: await loader.vector(`${prefix}post_attention_layernorm.weight`, spec.hiddenSize),
        headNorms: spec.qkNorm
          ? {
              query: await loader.vector(`${prefix}self_attn.q_norm.weight`, spec.headDim),
              key: await loader.vector(`${prefix}self_attn.k_norm.weight`, spec.headDim),
            }
          : null,
        biases,
      });
    }
    const finalNorm = await loader.vector(names.finalNorm, spec.hiddenSize);
    const head =
      names.head === null ? embedding : await loader.weight(names.head, [spec.vocabSize, spec.hiddenSize]);
    return new LoadedTextModel(spec, { embedding, linears, extras, finalNorm, head }, () =>
      loader.disposeAll(),
    );
  } catch (thrown) {
    loader.disposeAll();
    throw thrown;
  }
}

interface Weights {
  readonly embedding: Weight;
  readonly linears: Linears;
  readonly extras: readonly LayerExtras[];
  readonly finalNorm: tf.Tensor1D;
  readonly head: Weight;
}

class LoadedTextModel implements TextModel {
  readonly width: number;
  readonly vocabulary: number;
  readonly cacheBytes: number;
  readonly linears: Linears;
  readonly dispose: () => void;
  readonly #spec: TextSpec;
  readonly #weights: Weights;
  readonly #tables: RotaryTables;

  constructor(spec: TextSpec, weights: Weights, dispose: () => void) {
    this.#spec = spec;
    this.#weights = weights;
    this.width = spec.hiddenSize;
    this.vocabulary = spec.vocabSize;
    this.cacheBytes = 4 * 2 * spec.layers * spec.keyValueHeads * spec.headDim;
    this.linears = weights.linears;
    this.#tables = new RotaryTables(rotationOf(spec));
    // Made now, so that running the model leaves nothing behind.
    prepareTables(this.#tables);
    this.dispose = () => {
      this.#tables.dispose();
      dispose();
    };
  }

  embed(
    { ids }: TokenBatch,
    images?: { readonly features: tf.Tensor2D; readonly tokenId: number },
  ): tf.Tensor2D {
    // A GPU would read whatever lies behind the matrix.
    const unknown = ids.find((id) => id < 0 || id >= this.vocabulary);
    if (unknown !== undefined) {
      throw new StudioError(
        'mismatch',
        `The tokenizer gives the token ${unknown}, but the model knows only ${this.vocabulary}. Check that tokenizer.json and the weights belong together.`,
        { details: { file: 'tokenizer.json', value: unknown } },
      );
    }
    return tf.tidy(() => {
      const text = this.embedIds(ids);
      if (!images) return text;
      const places = Int32Array.from(ids.keys()).filter((at) => ids[at] === images.tokenId);
      if (places.length !== images.features.shape[0]) {
        throw new StudioError(
          'bad-request',
          `The prompts have ${places.length} image tokens, but there are ${images.features.shape[0]} image features.`,
        );
      }
      // Rows of text and features under one another; each position then takes its own.
      const source = Int32Array.from(ids.keys());
      places.forEach((at, i) => (source[at] = ids.length + i));
      return gatherRows(tf.concat([text, images.features], 0), source);
    });
  }

  embedIds(ids: Int32Array): tf.Tensor2D {
    return tf.tidy(() => takeRows(this.#weights.embedding, ids));
  }

  logits(embedded: tf.Tensor2D, batch: TokenBatch, linears: Linears, positions: Int32Array): tf.Tensor2D {
    this.#checkLength(batch, 0);
    return tf.tidy(() => this.through(embedded, passOf(batch, positions, this.#spec, this.#tables), linears));
  }

  async generate(
    embedded: tf.Tensor2D,
    batch: TokenBatch,
    linears: Linears,
    options: GenerateOptions,
  ): Promise<number[][]> {
    this.#checkLength(batch, options.maxTokens);
    return generateGreedily(this, embedded, batch, linears, options);
  }

  decoding(batch: TokenBatch, maxTokens: number): Decoding {
    return decodingOf(batch, this.#spec, this.#tables, maxTokens);
  }

  layers(embedded: tf.Tensor2D, batch: TokenBatch, positions: Int32Array): Layers {
    this.#checkLength(batch, 0);
    return this.#layers(embedded, passOf(batch, positions, this.#spec, this.#tables), batch.columns);
  }

  /** With as many tokens still to come. */
  #checkLength({ columns, padding }: TokenBatch, toCome: number): void {
    const { rotary } = this.#spec;
    if (rotary.kind !== 'scaled') return;
    const { plainPositions } = rotary;
    if (columns - Math.min(...padding) + toCome <= plainPositions) return;
    throw new StudioError(
      'unsupported',
      `A text of more than ${plainPositions} tokens was asked of this model; beyond that it stretches its positions, which is not computed here. Use a shorter question or a smaller image.`,
      {
        details: { file: 'config.json', key: 'rope_scaling', value: plainPositions },
      },
    );
  }

  through(embedded: tf.Tensor2D, pass: Pass, linears: Linears): tf.Tensor2D {
    const { input, count, layer, head } = this.#layers(embedded, pass, 0);
    let rows = input;
    for (let index = 0; index < count; index++) {
      // What a layer makes on its way goes with it, but for what a tape keeps; else all layers' would be in
      // memory together.
      const before = rows;
      rows = tf.tidy(() => layer(index, before, linears));
      if (index > 0) before.dispose();
    }
    return head(rows);
  }

  #layers(embedded: tf.Tensor2D, pass: Pass, columns: number): Layers {
    const [spec, weights] = [this.#spec, this.#weights];
    const input = pass.rows ? gatherRows(embedded, pass.rows) : embedded;
    return {
      input,
      count: spec.layers,
      slots: (index) => linearShapes(spec).map(([name]) => slotId(index, name)),
      layer: (index, rows, linears) =>
        decoderLayer({
          rows,
          layer: index,
          spec,
          extras: weights.extras[index] as LayerExtras,
          linears,
          ...pass.layer(index),
        }),
      head: (rows) => multiply(rmsNorm(rows, weights.finalNorm, spec.rmsNormEps), weights.head),
      tapeBytes: tapeBytes(spec, { rows: input.shape[0], columns, fused: pass.fused }),
    };
  }
}
