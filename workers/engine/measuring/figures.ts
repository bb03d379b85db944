/**
 * What was measured in a session, kept under exactly what was measured: the bits of every gate, λ, the budget
 * and the basis, or a method and its settings. A recipe gets the figures of its own gates, and of no others.
 */
import { isSvd, type Basis } from '../../../core/gates/basis.ts';
import type { MethodChoice } from '../../../core/merging/choose.ts';
import { mostKeptFigures, type KeptFigures } from '../../../core/recipe/kept-figures.ts';
import type { RecipeMetric, RecipeRun } from '../../../core/recipe/recipe.ts';
import type { Evaluation } from '../../../protocol/engine.ts';
import { sha256Hex } from '../../io/hash.ts';

export type Measured =
  | {
      readonly gates: Float32Array;
      readonly lambda: number;
      readonly budget: number | null;
      readonly basis: Basis;
    }
  /** Merged without gates. */
  | { readonly method: MethodChoice };

export class Figures {
  readonly #scores = new Map<string, readonly RecipeMetric[]>();
  readonly #runs = new Map<string, RecipeRun>();

  /**
   * Where the same gates were measured more than once, the measurement on most items is kept, and of two on
   * equally many items the later one.
   */
  async measured(of: Measured, { perception, reasoning }: Evaluation, backend: string): Promise<void> {
    const metrics = Object.entries({ perception, reasoning }).map(
      ([name, { correct, total, low, high }]) => ({ name, correct, total, low, high, backend }),
    );
    const key = await keyOf(of);
    const items = (list: readonly RecipeMetric[] = []) => list.reduce((sum, { total }) => sum + total, 0);
    if (items(metrics) >= items(this.#scores.get(key))) keep(this.#scores, key, metrics);
  }

  async ran(of: Measured, run: RecipeRun): Promise<void> {
    keep(this.#runs, await keyOf(of), run);
  }

  /** All of them, to be given to a later session; only a recipe of these very gates would ask for one. */
  kept(): Pick<KeptFigures, 'scores' | 'runs'> {
    return {
      scores: [...this.#scores].map(([of, metrics]) => ({ of, metrics })),
      runs: [...this.#runs].map(([of, run]) => ({ of, run })),
    };
  }

  /** Takes those of an earlier session; what this one has measured itself stays. */
  restore({ scores, runs }: Pick<KeptFigures, 'scores' | 'runs'>): void {
    const [own, ownRuns] = [[...this.#scores], [...this.#runs]];
    for (const { of, metrics } of scores) keep(this.#scores, of, metrics);
    for (const { of, run } of runs) keep(this.#runs, of, run);
    for (const [of, metrics] of own) keep(this.#scores, of, metrics);
    for (const [of, run] of ownRuns) keep(this.#runs, of, run);
  }

  async of(
    what: Measured,
  ): Promise<{ readonly metrics: readonly RecipeMetric[]; readonly run: RecipeRun | null }> {
    const key = await keyOf(what);
    return { metrics: this.#scores.get(key) ?? [], run: this.#runs.get(key) ?? null };
  }
}

async function keyOf(of: Measured): Promise<string> {
  if ('method' in of) return `${of.method.id} ${JSON.stringify(Object.entries(of.method.settings).sort())}`;
  const { id, seed } = of.basis;
  // Of the SVD as before there were other bases: sessions that were kept have such names.
  const basis = isSvd(of.basis) ? '' : ` ${id}${seed === null ? '' : ` ${seed}`}`;
  return `${of.lambda} ${of.budget} ${await sha256Hex(new Uint8Array(of.gates.slice().buffer))}${basis}`;
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostKeptFigures && oldest !== undefined) map.delete(oldest);
}
