/**
 * What a merge method is: one object in one file of `methods/`, with its formula, its source, its settings and
 * its function. `methods.ts` lists them all; the page, the engine, the recipe, the command line, the model
 * card and the documentation read that list and know no method by name.
 *
 * A method has one of two forms, or both. As *gates* it is a curve over the singular values of the task vector
 * τ = θ_lrm − θ_base, which the studio shows and lets a person bend. As a *stream* it makes the merged tensor
 * element by element from the three models' files, without a decomposition.
 */

/** One number that a person may choose. */
export interface MethodSetting {
  /** As the formula has it, e.g. `λ`. */
  readonly symbol: string;
  /** What it is, in a few words, e.g. `density`. */
  readonly label: string;
  /** One whole sentence. */
  readonly help: string;
  readonly initial: number;
  /** [low, high], both included: what is accepted. */
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
  /** By how much an arrow key changes it. */
  readonly step: number;
  /** What else bounds it from above where gates are set: the largest gate, or the rank of the matrix. */
  readonly within?: 'gateMax' | 'rank';
}

/** By key, in kebab-case: the name on the command line and in recipes. `lambda` is λ of Eq. 7 everywhere. */
export type MethodSettings = Readonly<Record<string, MethodSetting>>;
export type ValuesOf<S extends MethodSettings> = { readonly [K in keyof S]: number };
export type MethodValues = Readonly<Record<string, number>>;

/** Groups in which methods are shown, in order. */
export const methodGroups = {
  constant: 'One constant for many subspaces',
  part: 'Part of the spectrum',
  reshaped: 'Another spectrum',
  sparse: 'Part of the entries',
  blended: 'A blend of the two models',
} as const;
export type MethodGroup = keyof typeof methodGroups;

/** What a curve is computed from, of one matrix. */
export interface MethodSlot {
  /** Falling, float32[rank]. */
  readonly singularValues: Float32Array;
  /** Marchenko-Pastur edge in units of σ. */
  readonly noiseEdge: number;
  /** The model layer that the matrix belongs to. */
  readonly layer: number;
  /** The last model layer that is open. */
  readonly lastLayer: number;
}

/** Energy of one matrix under the edit: Σ (gate σ)² as the gates are now, and Σ σ². */
export interface SlotEnergy {
  readonly injected: number;
  readonly available: number;
}

/** The gate that a method wants for subspace i with singular value σ, before it is cut at gateMax. */
export type Curve = (sigma: number, i: number) => number;

export interface GateForm<S extends MethodSettings = MethodSettings> {
  /** It begins with the gates as they are now, and means nothing without any. */
  readonly startsFromGates?: true;
  /**
   * One curve for each slot, in their order. λ is not in it: it multiplies the whole.
   * @param energies of the slots as the gates are now, for a method that starts from gates
   */
  curves(
    slots: readonly MethodSlot[],
    values: ValuesOf<S>,
    energies: readonly SlotEnergy[],
  ): readonly Curve[];
}

/** A stretch of one tensor of the three models, float32, row-major: whole rows. */
export interface TensorPiece {
  /** Index of its first element within the tensor. */
  readonly at: number;
  /** May be written into. */
  readonly vlm: Float32Array<ArrayBuffer>;
  readonly lrm: Float32Array<ArrayBuffer>;
  readonly base: Float32Array<ArrayBuffer>;
}

/** One tensor of the three models, read from its start as often as a method asks. */
export interface TensorSource {
  /** Its name in the VLM's file. */
  readonly name: string;
  /** Elements of a row: of the last dimension. */
  readonly columns: number;
  pieces(): AsyncIterable<TensorPiece>;
}

export interface StreamForm<S extends MethodSettings = MethodSettings> {
  /** Whether the merge is the VLM with these values, so that no tensor is touched. */
  isNothing?(values: ValuesOf<S>): boolean;
  /** The merged elements in float32, one array for each piece in order; the caller rounds and stores them. */
  merge(source: TensorSource, values: ValuesOf<S>): AsyncIterable<Float32Array<ArrayBuffer>>;
}

interface Described<Id extends string, S extends MethodSettings> {
  /** In kebab-case, the same on the page, in recipes and on the command line. */
  readonly id: Id;
  /** As people call it. */
  readonly title: string;
  /** What it does, in one sentence. */
  readonly about: string;
  readonly formula: string;
  /** Paper, year, and where it was changed. */
  readonly source: string;
  readonly group: MethodGroup;
  readonly settings: S;
}

export type MethodOf<Id extends string, S extends MethodSettings> = Described<Id, S> &
  (
    | { readonly gates: GateForm<S>; readonly stream: StreamForm<S> | null }
    | { readonly gates: null; readonly stream: StreamForm<S> }
  );

export type Method = MethodOf<string, MethodSettings>;
export type GateMethod = Method & { readonly gates: GateForm };
export type StreamMethod = Method & { readonly stream: StreamForm };

export const isGateMethod = <M extends Method>(method: M): method is M & { readonly gates: GateForm } =>
  method.gates !== null;
export const isStreamMethod = <M extends Method>(method: M): method is M & { readonly stream: StreamForm } =>
  method.stream !== null;

/** Keeps the id and the settings' keys as types. */
export const defineMethod = <const Id extends string, S extends MethodSettings>(
  method: MethodOf<Id, S>,
): MethodOf<Id, S> => method;
