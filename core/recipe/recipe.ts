/**
 * A recipe: everything that a merge was made from, except the weights. It travels as JSON in the exported
 * file's `__metadata__` under `recipeKey`; with the same three models and kernel it gives the same merge
 * again.
 *
 * Gates alone are not enough: near-equal singular values rotate between SVD implementations, so a recipe
 * names the kernel and carries a hash of each layer's factors, and the singular values where gates differ.
 * `compare.ts` holds them against models that are open.
 */
import type { KnownFinding } from '../family/accept-findings.ts';
import type { Basis } from '../gates/basis.ts';
import type { Role } from '../family/trio.ts';
import type { DistillOptions } from '../objective/options.ts';
import type { Losses } from '../objective/terms.ts';

export const recipeKey = 'frism_recipe';
/** Where a merge without gates says in `__metadata__` how it was made. */
export const mergeKey = 'frism_merge';
export const recipeVersion = 1;
/** Characters. A longer one lies beside the weights only: readers bound the length of a header. */
const maxEmbedded = 16 * 2 ** 20;

/** What goes into `__metadata__`. */
export const embeddedRecipe = (text: string): Readonly<Record<string, string>> =>
  text.length > maxEmbedded ? {} : { [recipeKey]: text };

export interface RecipeInput {
  readonly label: string;
  readonly architecture: string;
  /** Lower-case hex, or null when it was not computed. */
  readonly sha256: string | null;
}

export interface RecipeSlot {
  /** Canonical layer name. */
  readonly id: string;
  /** Number of subspaces of the layer's task vector. */
  readonly rank: number;
  /**
   * In [0, gateMax], strongest subspace first; `gateCount(rank, budget)` of them, the last for the tail where
   * there is one.
   */
  readonly gates: Float32Array;
  /** 1 where a person set the gate; same length. */
  readonly locks: Uint8Array;
  /** SHA-256 of the factors U, S, V that the gates belong to, or null. */
  readonly factors: string | null;
  /**
   * Singular values of the subspaces that have a gate of their own, falling. The gates were set on these.
   * In another basis than the SVD the strengths of its pieces. Null where all gates are equal, because then the
   * basis does not matter, and in older recipes.
   */
  readonly singularValues: Float32Array | null;
}

/** The run that left exactly these gates. How long it took is not kept: equal runs have equal recipes. */
export interface RecipeRun {
  readonly steps: number;
  /** Losses of the last step's batch, with the gates as they were before that step moved them. */
  readonly losses: Losses;
  /** As in `webgpu`. */
  readonly backend: string;
}

export interface RecipePreset {
  /** Id of a merge method (`core/merging/methods.ts`), as in `iso-c`; any other where a newer studio wrote it. */
  readonly name: string;
  readonly settings: Readonly<Record<string, number>>;
}

/** An accuracy that was measured with exactly these gates and λ. */
export interface RecipeMetric {
  /** `perception` or `reasoning`. */
  readonly name: string;
  readonly correct: number;
  readonly total: number;
  /** Wilson 95 % interval of correct/total; null in older recipes. */
  readonly low: number | null;
  readonly high: number | null;
  /** The backend that it was computed on; null in older recipes. */
  readonly backend: string | null;
}

export interface Recipe {
  /** Version of the studio that wrote it. */
  readonly studio: string;
  readonly method: 'frism';
  readonly inputs: Readonly<Record<Role, RecipeInput>>;
  readonly options: DistillOptions;
  /** Name and version of the SVD kernel. */
  readonly kernel: string;
  /** Steps that the optimiser had done. */
  readonly step: number;
  /** Which pieces of the task vectors have the gates. */
  readonly basis: Basis;
  /** Subspaces with a gate of their own in each layer, the rest sharing one; null where each has its own. */
  readonly budget: number | null;
  readonly slots: readonly RecipeSlot[];
  /** What was measured with these gates; may be empty. */
  readonly metrics: readonly RecipeMetric[];
  /** Null where no run left these gates as they are, or it is not known any more. */
  readonly run: RecipeRun | null;
  /** The merge method that the gates are, where one set all of them at once and nothing has changed since. */
  readonly preset: RecipePreset | null;
  /**
   * What was found in the models and is worth knowing, errors because a person accepted them; empty in older
   * recipes.
   */
  readonly findings: readonly KnownFinding[];
}
