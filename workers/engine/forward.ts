/**
 * What a session needs to run its models. Prompters and image preparation are made at once; weights, factors
 * and vision features go to the device when they are first used. All of it can be dropped and made again from
 * the files, which happens when a device is lost.
 */
import { StudioError } from '../../core/errors.ts';
import type { Teacher } from '../distill/calibration.ts';
import { encodeImages, type ImageFeatures } from '../distill/image-features.ts';
import type { TermId } from '../../core/objective/terms.ts';
import type { TeachingSet } from '../distill/teaching-set.ts';
import { uploadStore, type DeviceFactors, type FactorStore } from '../merge/factors.ts';
import type { NamedModel } from '../nn/finite-logits.ts';
import type { Prompter, TextModel, VisionModel } from '../nn/contract.ts';
import type { LoadedPreprocessor } from '../nn/preprocess.ts';
import type { VisionLanguageSpec } from '../../core/family/families.ts';
import type { GateLayout } from '../../core/gates/field.ts';
import type { RgbaImage } from '../../protocol/session.ts';
import type { DataSet } from './opening/data-set.ts';
import { Lazy, type OnBytes } from './lazy.ts';
import type { SetName } from './opening/manifest.ts';

/** Recognised models, nothing loaded yet. */
export interface ForwardPlan {
  readonly vlm: {
    readonly named: NamedModel;
    readonly prompter: Prompter;
    readonly preprocessor: LoadedPreprocessor;
  };
  readonly lrm: {
    readonly named: NamedModel;
    readonly prompter: Prompter;
    readonly maxPositions: number;
  };
  readonly loadText: (signal: AbortSignal, onBytes: OnBytes) => Promise<TextModel>;
  readonly loadVision: (signal: AbortSignal, onBytes: OnBytes) => Promise<VisionModel>;
  readonly loadLrm: (signal: AbortSignal, onBytes: OnBytes) => Promise<TextModel>;
  /** The VLM's. */
  readonly spec: VisionLanguageSpec;
  /** Whether the LRM's token ids mean the same to the VLM. */
  readonly sharedTokens: boolean;
}

export class Forward {
  readonly plan: ForwardPlan;
  readonly #text: Lazy<TextModel>;
  readonly #vision: Lazy<VisionModel>;
  readonly #lrm: Lazy<TextModel>;
  readonly #factors: Lazy<DeviceFactors>;
  #store: FactorStore;
  #layout: GateLayout;
  #sets: Readonly<Record<SetName, DataSet | null>>;
  /** Whether images of the calibration set are not to be cut. */
  #wholeCalibration = false;
  readonly #features = new Map<SetName, ImageFeatures>();
  /** By term; made from the teachers alone, so they outlive a run. */
  readonly teaching = new Map<TermId, TeachingSet>();

  constructor(
    plan: ForwardPlan,
    factors: FactorStore,
    layout: GateLayout,
    sets: Readonly<Record<SetName, DataSet | null>>,
  ) {
    this.plan = plan;
    this.#sets = sets;
    this.#text = new Lazy(plan.loadText);
    this.#vision = new Lazy(plan.loadVision);
    this.#lrm = new Lazy(plan.loadLrm);
    this.#store = factors;
    this.#layout = layout;
    this.#factors = new Lazy((signal, onBytes) => uploadStore(this.#store, this.#layout, signal, onBytes));
  }

  /** The VLM's language model. */
  text(signal: AbortSignal, onBytes?: OnBytes): Promise<TextModel> {
    return this.#text.get(signal, onBytes);
  }

  /** The VLM's tower and connector. */
  vision(signal: AbortSignal, onBytes?: OnBytes): Promise<VisionModel> {
    return this.#vision.get(signal, onBytes);
  }

  /** Gives the memory of the tower back: features that were kept do without it, others load it again. */
  releaseVision(): void {
    this.#vision.take()?.dispose();
  }

  hasFeatures(name: SetName, count: number): boolean {
    return (this.#features.get(name)?.count ?? 0) >= count;
  }

  factors(signal: AbortSignal, onBytes?: OnBytes): Promise<DeviceFactors> {
    return this.#factors.get(signal, onBytes);
  }

  /** Another subspace budget or basis: the factors are loaded in their new form when next used. */
  place(factors: FactorStore, layout: GateLayout): void {
    this.#store = factors;
    this.#layout = layout;
    this.#factors.take()?.dispose();
  }

  /**
   * Another calibration set: what was made of the one before, and what the LRM said to other prompts, is made
   * anew when next used.
   */
  calibrateOn(set: DataSet | null, wholeImages: boolean): void {
    this.#sets = { ...this.#sets, calibration: set };
    this.#wholeCalibration = wholeImages;
    this.#features.delete('calibration');
    this.teaching.clear();
  }

  async vlmTeacher(images: ImageFeatures | null, signal: AbortSignal): Promise<Teacher> {
    const text = await this.#text.get(signal);
    const { prompter, named } = this.plan.vlm;
    return {
      model: text,
      named,
      linears: text.linears,
      imageTokenId: prompter.imageTokenId,
      images,
      stopIds: prompter.stopIds,
      rules: prompter.rules,
      prompter,
    };
  }

  async lrmTeacher(signal: AbortSignal, onBytes?: OnBytes): Promise<Teacher> {
    const model = await this.#lrm.get(signal, onBytes);
    const { prompter, named } = this.plan.lrm;
    return {
      model,
      named,
      linears: model.linears,
      imageTokenId: null,
      images: null,
      stopIds: prompter.stopIds,
      rules: prompter.rules,
      prompter,
    };
  }

  /** Vision features of the first `count` images of a set, kept for the session. */
  async setFeatures(
    name: SetName,
    count: number,
    onDone: (done: number) => void,
    signal: AbortSignal,
  ): Promise<ImageFeatures> {
    const kept = this.#features.get(name);
    if (kept && kept.count >= count) return kept;
    const set = this.#sets[name];
    if (!set) throw new StudioError('missing', `This trio brings no ${name} set.`);
    const sheet = await set.sheet(signal);
    const whole = name === 'calibration' && this.#wholeCalibration;
    const features = await this.features(count, (index) => sheet.tile(index), onDone, signal, whole);
    this.#features.set(name, features);
    return features;
  }

  /** @param whole each image in one tile, where the family cuts */
  async features(
    count: number,
    image: (index: number) => RgbaImage | Promise<RgbaImage>,
    onDone: (done: number) => void,
    signal: AbortSignal,
    whole = false,
  ): Promise<ImageFeatures> {
    const vision = await this.#vision.get(signal);
    const { preprocessor } = this.plan.vlm;
    const prepare = (whole && preprocessor.whole) || preprocessor.preprocess;
    return encodeImages(vision, count, async (index) => prepare(await image(index)), onDone, signal);
  }

  /** Gives everything on the device back; the next use loads it again. */
  drop(): void {
    this.#text.take()?.dispose();
    this.releaseVision();
    this.#lrm.take()?.dispose();
    this.#factors.take()?.dispose();
    this.#features.clear();
    this.teaching.clear();
  }
}
