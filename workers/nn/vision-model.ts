/**
 * The eyes of a vision-language model: tower, connector, and how the features of an image's tiles follow one
 * another.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { VisionLanguageSpec } from '../../core/family/model-spec.ts';
import { patchGrid } from '../../core/family/vision-config.ts';
import { tilesAtOnce } from '../../core/memory/tower-work.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { Connector } from './connectors/connector.ts';
import { packTiles } from './connectors/any-resolution.ts';
import { loadInternVlConnector } from './connectors/internvl.ts';
import { loadMlpConnector } from './connectors/mlp.ts';
import { loadIdefics3Connector } from './connectors/pixel-shuffle.ts';
import type { ImageLayout, VisionModel } from './contract.ts';
import { TensorLoader } from './tensor-loader.ts';
import { loadClip } from './vision/clip.ts';
import { loadInternVit } from './vision/internvit.ts';
import { loadSiglip } from './vision/siglip.ts';
import { runTower, type TowerWeights } from './vision/tower.ts';

/** The part of a vision-language model's spec that concerns its eyes. */
type EyesSpec = Pick<
  VisionLanguageSpec,
  'vision' | 'features' | 'connector' | 'tokensPerTile' | 'anyResolution' | 'names' | 'text'
>;

/** On failure or abort nothing stays on the device. */
export async function loadVision(
  checkpoint: Checkpoint,
  spec: EyesSpec,
  signal?: AbortSignal,
): Promise<VisionModel> {
  const loader = new TensorLoader(checkpoint, signal);
  try {
    const tower = await loadTower(loader, spec);
    const connector = await loadConnector(loader, spec);
    const newline =
      spec.names.newline === null ? null : await loader.rows(spec.names.newline, [spec.text.hiddenSize], 1);
    return new LoadedVision(spec, { tower, connector, newline }, () => loader.disposeAll());
  } catch (thrown) {
    loader.disposeAll();
    throw thrown;
  }
}

function loadTower(loader: TensorLoader, { vision, features, names }: EyesSpec): Promise<TowerWeights> {
  switch (vision.tower) {
    case 'siglip':
      return loadSiglip(loader, names.vision, vision, features);
    case 'clip':
      return loadClip(loader, names.vision, vision, features);
    case 'internvit':
      return loadInternVit(loader, names.vision, vision, features);
    default:
      throw vision.tower satisfies never;
  }
}

function loadConnector(
  loader: TensorLoader,
  { vision, features, connector, names, text }: EyesSpec,
): Promise<Connector> {
  const width = vision.hiddenSize * features.layers.length;
  switch (connector.kind) {
    case 'pixel-shuffle':
      return loadIdefics3Connector(
        loader,
        names.connector,
        width,
        text.hiddenSize,
        patchGrid(vision),
        connector.factor,
      );
    case 'mlp':
      return loadMlpConnector(loader, names.connector, width, text.hiddenSize, connector);
    case 'shuffle-mlp':
      return loadInternVlConnector(loader, names.connector, {
        ...connector,
        width,
        textWidth: text.hiddenSize,
        side: patchGrid(vision),
      });
    default:
      throw connector satisfies never;
  }
}

interface Parts {
  readonly tower: TowerWeights;
  readonly connector: Connector;
  /** [1, D], LLaVA-OneVision only. */
  readonly newline: tf.Tensor2D | null;
}

class LoadedVision implements VisionModel {
  readonly tokensPerTile: number;
  readonly tilesAtOnce: number;
  readonly dispose: () => void;
  readonly #spec: EyesSpec;
  readonly #parts: Parts;

  constructor(spec: EyesSpec, parts: Parts, dispose: () => void) {
    this.tokensPerTile = spec.tokensPerTile;
    this.dispose = dispose;
    this.#spec = spec;
    this.#parts = parts;
    this.tilesAtOnce = tilesAtOnce(spec.vision, parts.tower.blocks.length);
  }

  encode(pixels: Float32Array, count: number): tf.Tensor3D {
    const { vision, features, text } = this.#spec;
    const { tower, connector } = this.#parts;
    const size = vision.channels * vision.imageSize ** 2;
    if (pixels.length !== count * size)
      throw new Error(`${count} tiles need ${count * size} values, not ${pixels.length}`);
    return tf.tidy(() =>
      tf.reshape(connector(runTower(pixels, count, tower, vision, features), count), [
        count,
        this.tokensPerTile,
        text.hiddenSize,
      ]),
    );
  }

  arrange(tiles: tf.Tensor3D, layout: ImageLayout): tf.Tensor2D {
    const { anyResolution, vision, text } = this.#spec;
    const { newline } = this.#parts;
    if (anyResolution && newline)
      return packTiles(tiles, newline, layout, patchGrid(vision), anyResolution.maxTiles);
    return tf.reshape(tiles, [layout.tiles * this.tokensPerTile, text.hiddenSize]);
  }
}
