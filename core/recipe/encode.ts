import { StudioError } from '../errors.ts';
import { isSvd } from '../gates/basis.ts';
import { gateCount, ownGates } from '../gates/field.ts';
import { optionRows, type DistillOptions } from '../objective/options.ts';
import { termRows } from '../objective/terms.ts';
import { encodeBasis } from './basis.ts';
import { recipeVersion, type Recipe, type RecipeRun, type RecipeSlot } from './recipe.ts';

/** Compact JSON with keys in a fixed order: equal recipes give equal texts. Gates survive exactly. */
export function encodeRecipe(recipe: Recipe): string {
  const { studio, method, inputs, options, kernel, step, slots, metrics, run, preset, findings } = recipe;
  const { basis, budget } = recipe;
  const input = ({ label, architecture, sha256 }: Recipe['inputs']['base']) => ({
    label,
    architecture,
    sha256,
  });
  return JSON.stringify({
    format: 'frism-recipe',
    version: recipeVersion,
    studio,
    method,
    inputs: { base: input(inputs.base), vlm: input(inputs.vlm), lrm: input(inputs.lrm) },
    options: encodeOptions(options),
    kernel,
    step,
    // A recipe in the SVD reads as before there were other bases.
    ...(!isSvd(basis) && { basis: encodeBasis(basis) }),
    // A recipe without a budget reads as before there were any.
    ...(budget !== null && { budget }),
    slots: slots.map((slot) => encodeSlot(slot, budget)),
    metrics: metrics.map(({ name, correct, total, low, high, backend }) => ({
      name,
      correct,
      total,
      ...(low !== null && high !== null && { low, high }),
      ...(backend !== null && { backend }),
    })),
    ...(run !== null && { run: encodeRun(run) }),
    ...(preset !== null && { preset: { name: preset.name, settings: preset.settings } }),
    // Where nothing was found a recipe is written as before there were findings in it.
    ...(findings.length > 0 && {
      findings: findings.map(({ code, severity, message }) => ({ code, severity, message })),
    }),
  });
}

/** An option that recipes may lack is left out at its initial value: such a recipe is written as before. */
function encodeOptions(options: DistillOptions): unknown {
  return Object.fromEntries(
    optionRows
      .filter(([key, row]) => !(row.mayBeAbsentFrom?.includes('recipe') && options[key] === row.initial))
      .map(([key]) => [key, options[key]]),
  );
}

function encodeRun({ steps, losses, backend }: RecipeRun): unknown {
  const computed = termRows.filter(([id]) => losses[id] !== null).map(([id]) => [id, losses[id]]);
  return {
    steps,
    losses: { total: losses.total, ...Object.fromEntries(computed) },
    backend,
  };
}

function encodeSlot(
  { id, rank, gates, locks, factors, singularValues }: RecipeSlot,
  budget: number | null,
): unknown {
  if (
    gates.length !== gateCount(rank, budget) ||
    locks.length !== gates.length ||
    gates.some((gate) => !Number.isFinite(gate))
  ) {
    throw new StudioError(
      'internal',
      `The gates of ${id} are not finite, or not as many as its locks or its budget.`,
      { details: { tensor: id } },
    );
  }
  if (
    singularValues !== null &&
    (singularValues.length !== ownGates({ rank, gates: gates.length }) ||
      singularValues.some((sigma) => !Number.isFinite(sigma)))
  ) {
    throw new StudioError(
      'internal',
      `The singular values of ${id} are not finite, or not as many as its own gates.`,
      { details: { tensor: id } },
    );
  }
  const first = gates[0] ?? 0;
  const constant = gates.every((gate) => Object.is(gate, first));
  return {
    id,
    rank,
    gates: constant ? shortest(first) : Array.from(gates, shortest),
    locked: lockedRuns(locks),
    factors,
    ...(singularValues !== null && { singularValues: Array.from(singularValues, shortest) }),
  };
}

/**
 * The shortest decimal that rounds to the same float32: at most 9 digits, where the float64 in between would
 * print 17.
 */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/** Locked stretches as pairs [first, count]. */
function lockedRuns(locks: Uint8Array): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < locks.length; i += 1) {
    if (locks[i] !== 1) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === i) last[1] += 1;
    else runs.push([i, 1]);
  }
  return runs;
}
