/**
 * The terms of the objective: one row each, in the order in which they are computed and shown. The engine, the
 * losses chart, recipes, model cards, memory estimates and the documentation read them here; the function of
 * each is `workers/distill/terms/<id>.ts`. CONTRIBUTING.md says how one is added.
 *
 *   L = L_distill + α L_inject + β L_trace + γ L_composed        (FRISM Eq. 10; β = γ = 0 as published)
 */
import type { NumberOptionKey, DistillOptions } from './options.ts';

/** What a trio or a person brings to learn from: unlabeled images with questions, or text prompts. */
export type Material = 'calibration' | 'traces' | 'composed';

export interface TermRow {
  /** As in the equations. */
  readonly symbol: string;
  readonly formula: string;
  /** Paper and equation, or that the term is this project's. */
  readonly source: string;
  /** One whole sentence on what the number says. */
  readonly about: string;
  readonly unit: string | null;
  /** The option that is the term's weight; null where the weight is 1. */
  readonly weight: NumberOptionKey | null;
  /**
   * False: the term is computed, and shown, at weight 0 as well. True: at weight 0 it is not computed, its loss
   * is null, and nothing is prepared for it.
   */
  readonly onlyWeighted: boolean;
  /** Null where the term learns from the gates alone. Rows with lessons are never reordered: see `random.ts`. */
  readonly lessons: Lessons | null;
}

export interface Lessons {
  readonly teacher: 'vlm' | 'lrm';
  readonly material: Material;
  /** What the prompts of both sides hold: an image, a text, or the VLM's transcript of an image and a text. */
  readonly teacherSees: 'image' | 'text' | 'transcript';
  readonly studentSees: 'image' | 'text';
}

export const termTable = {
  distill: {
    symbol: 'L_distill',
    formula: 'E_x [ KL( P(·|x; θ_vlm) ‖ P(·|x; θ_merged) ) ]',
    source: 'FRISM, Eq. 8',
    about: 'The distance to the VLM on perception, in nats an answer token.',
    unit: 'nats a token',
    weight: null,
    onlyWeighted: false,
    lessons: { teacher: 'vlm', material: 'calibration', teacherSees: 'image', studentSees: 'image' },
  },
  inject: {
    symbol: 'L_inject',
    formula: '− Σ_{l open} ‖S_eff^(l)‖² / Σ_{l mergeable} ‖S^(l)‖²',
    source: 'FRISM, Eq. 9, normalised',
    about:
      'The energy that is let in, normalised by that of all layers that can be merged: −1 is all of them open.',
    unit: null,
    weight: 'alpha',
    onlyWeighted: false,
    lessons: null,
  },
  trace: {
    symbol: 'L_trace',
    formula: 'E_t [ KL( P(·|t; θ_lrm) ‖ P(·|t; θ_merged, as a text model) ) ]',
    source: 'this project',
    about: 'The distance to the LRM on text prompts, in nats an answer token.',
    unit: 'nats a token',
    weight: 'beta',
    onlyWeighted: true,
    lessons: { teacher: 'lrm', material: 'traces', teacherSees: 'text', studentSees: 'text' },
  },
  composed: {
    symbol: 'L_composed',
    formula: 'E_x [ KL( P(·|text(x); θ_lrm) ‖ P(·|x; θ_merged) ) ]',
    source: 'this project',
    about: 'The distance, on images, to the LRM on the VLM’s transcript of them, in nats an answer token.',
    unit: 'nats a token',
    weight: 'gamma',
    onlyWeighted: true,
    lessons: { teacher: 'lrm', material: 'composed', teacherSees: 'transcript', studentSees: 'image' },
  },
} as const satisfies Readonly<Record<string, TermRow>>;

export type TermId = keyof typeof termTable;

/**
 * The losses of one batch: each term before it is weighted, null where it was not computed, and the weighted
 * sum.
 */
export type Losses = { readonly total: number } & {
  readonly [Id in TermId]: (typeof termTable)[Id]['onlyWeighted'] extends true ? number | null : number;
};

/** In the order of the table, widened. */
export const termRows = Object.entries(termTable) as readonly (readonly [TermId, TermRow])[];

export const termRow = (id: TermId): TermRow => termTable[id];

export function weightOf({ weight }: TermRow, options: DistillOptions): number {
  return weight === null ? 1 : (options[weight] ?? 0);
}

/** The terms that a run with these options computes. */
export const termsOf = (options: DistillOptions): readonly TermId[] =>
  termRows.filter(([, row]) => !row.onlyWeighted || weightOf(row, options) > 0).map(([id]) => id);

/** Losses with the value that `read` gives for each term: null only where the row allows that. */
export function makeLosses(total: number, read: (id: TermId, row: TermRow) => number | null): Losses {
  return { total, ...Object.fromEntries(termRows.map(([id, row]) => [id, read(id, row)])) } as Losses;
}

/** As in "L_distill 0.0123 nats a token", of each term that was computed. */
export const describeLosses = (losses: Losses): string[] =>
  termRows.flatMap(([id, { symbol, unit }]) => {
    const loss = losses[id];
    return loss === null ? [] : [`${symbol} ${loss.toFixed(4)}${unit === null ? '' : ` ${unit}`}`];
  });
