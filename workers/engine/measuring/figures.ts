/**
 * What was measured in a session, kept under exactly what was measured: the bits of every gate, λ and the
 * budget, or a method and its settings. A recipe gets the figures of its own gates, and of no others.
 */
import type { MethodChoice } from '../../../core/merging/choose.ts';
import type { RecipeMetric, RecipeRun } from '../../../core/recipe/recipe.ts';
import type { Evaluation } from '../../../protocol/engine.ts';
import { sha256Hex } from '../../io/hash.ts';

export type Measured =
  | { readonly gates: Float32Array; readonly lambda: number; readonly budget: number | null }
  /** Merged without gates. */
  | { readonly method: MethodChoice };

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

async function keyOf(of: Measured): Promise<string> {
  if ('method' in of) return `${of.method.id} ${JSON.stringify(Object.entries(of.method.settings).sort())}`;
  return `${of.lambda} ${of.budget} ${await sha256Hex(new Uint8Array(of.gates.slice().buffer))}`;
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > kept && oldest !== undefined) map.delete(oldest);
}
