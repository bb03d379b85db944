/**
 * What was measured in a session, kept under exactly what was measured: the bits of every gate, λ and the
 * budget. A recipe gets the figures of its own gates, and of no others.
 */
import type { RecipeMetric, RecipeRun } from '../../../core/recipe/recipe.ts';
import type { Evaluation } from '../../../protocol/engine.ts';
import { sha256Hex } from '../../io/hash.ts';

export interface Measured {
  readonly gates: Float32Array;
  readonly lambda: number;
  readonly budget: number | null;
}

/**
 * Figures beyond this number are forgotten, the oldest first. Only a recipe of these very gates would ask for
 * them.
 */
const kept = 256;

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

  async of(
    what: Measured,
  ): Promise<{ readonly metrics: readonly RecipeMetric[]; readonly run: RecipeRun | null }> {
    const key = await keyOf(what);
    return { metrics: this.#scores.get(key) ?? [], run: this.#runs.get(key) ?? null };
  }
}

const keyOf = async ({ gates, lambda, budget }: Measured): Promise<string> =>
  `${lambda} ${budget} ${await sha256Hex(new Uint8Array(gates.slice().buffer))}`;

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > kept && oldest !== undefined) map.delete(oldest);
}
