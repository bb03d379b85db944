/**
 * The recipe of the session's current gates. An export carries it, so that the merge can be understood and
 * made again.
 */
import { knownFindings } from '../../../core/family/accept-findings.ts';
import type { Role } from '../../../core/family/trio.ts';
import { version } from '../../../package.json';
import { sameBasis } from '../../../core/gates/basis.ts';
import type { GateField } from '../../../core/gates/field.ts';
import { ownGates } from '../../../core/gates/field.ts';
import type { TrioIdentity } from '../../../core/recipe/compare.ts';
import type { Recipe, RecipePreset, RecipeSlot } from '../../../core/recipe/recipe.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { OpenSession } from '../opening/open-session.ts';

export interface RecipeParts {
  readonly field: GateField;
  readonly options: DistillOptions;
  /**
   * The recipe that was opened on this session, if there was one. Its figures are written again where gates,
   * λ, factors and VLM are still those of that recipe.
   */
  readonly applied: Recipe | null;
  readonly preset: RecipePreset | null;
}

/** Reads all three checkpoints and all factors where their hashes are not known yet. */
export async function sessionRecipe(
  session: OpenSession,
  { field, options, applied, preset }: RecipeParts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Recipe> {
  const identity = await session.hashes.identity(onProgress, signal);
  const { models, layout, pairing } = session.facts;
  const input = (role: Role) => ({
    label: models[role].label,
    architecture: models[role].architecture,
    sha256: identity.inputs[role],
  });
  const slots = layout.slots.map((slot, index): RecipeSlot => {
    const [begin, end] = [slot.offset, slot.offset + slot.gates];
    const gates = field.values.slice(begin, end);
    const varied = gates.some((gate) => gate !== gates[0]);
    const { s } = session.factors.slots[index] ?? { s: new Float32Array() };
    return {
      id: slot.id,
      rank: slot.rank,
      gates,
      locks: field.locks.slice(begin, end),
      factors: identity.factors[index] ?? null,
      singularValues: varied ? s.slice(0, ownGates(slot)) : null,
    };
  });
  // Gates set by hand may lie above the options' maximum; a recipe whose gates break its own bound could not
  // be read.
  const gateMax = field.values.reduce((most, gate) => Math.max(most, gate), options.gateMax);
  const own = await session.figures.of({
    gates: field.values,
    lambda: options.lambda,
    budget: layout.budget,
    basis: session.facts.basis,
  });
  const before =
    applied !== null && isStill(applied, slots, options, session.facts, identity) ? applied : null;
  return {
    studio: version,
    method: 'frism',
    inputs: { base: input('base'), vlm: input('vlm'), lrm: input('lrm') },
    options: { ...options, gateMax },
    kernel: identity.kernel,
    step: own.run?.steps ?? before?.step ?? session.training.steps,
    basis: session.facts.basis,
    budget: layout.budget,
    slots,
    metrics: own.metrics.length > 0 ? own.metrics : (before?.metrics ?? []),
    run: own.run ?? before?.run ?? null,
    preset: preset ?? before?.preset ?? null,
    findings: knownFindings([...pairing.findings, ...session.hashes.findings]),
  };
}

/**
 * Whether `applied` would make this very model, so that what was measured with `applied` holds for this recipe too.
 */
function isStill(
  applied: Recipe,
  slots: readonly RecipeSlot[],
  { lambda }: DistillOptions,
  { basis, layout }: OpenSession['facts'],
  { inputs }: TrioIdentity,
): boolean {
  if (
    applied.options.lambda !== lambda ||
    applied.budget !== layout.budget ||
    !sameBasis(applied.basis, basis) ||
    applied.inputs.vlm.sha256 !== inputs.vlm ||
    applied.slots.length !== slots.length
  )
    return false;
  const given = new Map(applied.slots.map((slot) => [slot.id, slot]));
  return slots.every(({ id, factors, gates }) => {
    const slot = given.get(id);
    return (
      slot !== undefined &&
      slot.factors !== null &&
      slot.factors === factors &&
      slot.gates.length === gates.length &&
      gates.every((gate, i) => gate === slot.gates[i])
    );
  });
}
