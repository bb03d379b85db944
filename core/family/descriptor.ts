/**
 * What a family of vision-language models is: which architectures belong to it, where transformers has its
 * language model, and how config.json and tensor names become a spec. One folder a family, one line in
 * families.ts. How its images are prepared and its tower computed is in workers/nn/families/<family>/.
 */
import type { ReadRules } from '../reading/rules.ts';
import type { ConfigReader } from './config-reader.ts';
import type { TextNames, TextSpec } from './text/text-spec.ts';
import type { TowerShape } from './vision/tower-shape.ts';

/** Why a checkpoint cannot be run; ends the sentence "<architecture> cannot be run: …". */
export interface NotComputed {
  readonly reason: string;
  /** The tensor that is looked for and not there, where that is why. */
  readonly missing?: string;
}

export const lacking = (tensor: string): Required<NotComputed> => ({
  reason: `it has no tensor ${tensor}`,
  missing: tensor,
});
export type Reading<T> = T | NotComputed;

/** Full tensor names or prefixes of the checkpoint at hand. */
export interface VisionNames {
  /** `${vision}…` are the tower's tensors. */
  readonly vision: string;
  /** `${connector}…` are the tensors between tower and language model. */
  readonly connector: string;
}

/** What all rooms may read of a vision-language model; a family's own spec adds what its tower needs. */
export interface CommonVisionSpec<Family extends string> {
  readonly kind: 'vlm';
  readonly family: Family;
  readonly architecture: string;
  readonly text: TextSpec;
  readonly vision: TowerShape;
  /** Blocks of the tower that are computed: the first so many. */
  readonly blocks: number;
  /** Rows of features that the connector gives for one tile. */
  readonly tokensPerTile: number;
  readonly imageTokenId: number;
  readonly names: TextNames & VisionNames;
}

export interface FamilyDescriptor<Spec extends CommonVisionSpec<string>> {
  /** `architectures[0]` of its checkpoints, each with the `model_type` that transformers knows the class by. */
  readonly architectures: Readonly<Record<string, string>>;
  /** Where transformers (from 4.52 on) has the language model's layers: adapters name modules. */
  readonly textModule: 'model.text_model' | 'model.language_model';
  /** What is done with each key of config.json outside the language model. */
  readonly keys: {
    readonly whole: ReadRules;
    /** @param type `model_type` of vision_config */
    tower(architecture: string, type: unknown): ReadRules;
  };
  read(config: ConfigReader, architecture: string, names: ReadonlySet<string>): Reading<Spec>;
  /** For people, in the tables of the documentation. */
  readonly about: {
    readonly name: string;
    readonly tower: string;
    readonly connector: string;
    readonly image: string;
  };
}
