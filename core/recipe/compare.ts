/**
 * Compares a recipe with the models that are open: which of its layers mean the same subspaces here, and what
 * does not agree, by name.
 *
 * Gates belong to subspaces, and near-equal singular values rotate between SVD implementations, so names and
 * ranks prove nothing. Three things do, the strongest first: the factors have the hash that the recipe
 * states; base and reasoning model have the hashes that it states, so that τ is the same; or the singular
 * values agree.
 */
import { roleNames, roles, type Role } from '../family/trio.ts';
import { describeBasis, isSvd, sameBasis, type Basis } from '../gates/basis.ts';
import { gateCount, ownGates } from '../gates/field.ts';
import type { Recipe, RecipeSlot } from './recipe.ts';

/** What only reading all bytes tells of an open trio. Hashes as in a recipe. */
export interface TrioIdentity {
  readonly kernel: string;
  readonly inputs: Readonly<Record<Role, string>>;
  /** Hashes of the factors, in the order of the slots. */
  readonly factors: readonly string[];
}

export interface OpenTrio {
  /** In which the open models have their gates. */
  readonly basis: Basis;
  readonly slots: readonly { readonly id: string; readonly rank: number }[];
  /** Singular values of each slot, as many as its rank; null while they are unknown. */
  readonly singularValues: readonly (Float32Array | null)[];
  readonly models: Readonly<Record<Role, { readonly label: string; readonly architecture: string }>>;
  /** Null where nobody has read the bytes. */
  readonly identity: TrioIdentity | null;
}

/**
 * `same`: the very factors, or one gate for a whole task vector that is the same. `turned`: the same task
 * vector from another decomposition. `unproven`: nothing speaks against it. `other`: other subspaces under
 * the same name. `unfit`: other in number, or absent.
 */
export type LayerFit = 'same' | 'turned' | 'unproven' | 'other' | 'unfit';

export type InputFit = 'same' | 'named' | 'differs';

export interface RecipeFinding {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly remedy: string;
  /** The layers or models that it concerns. */
  readonly tensors: readonly string[];
}

export interface RecipeComparison {
  /** `same` by hash, `named`: only the name was compared, and agrees. */
  readonly inputs: Readonly<Record<Role, InputFit>>;
  /** By layer of the recipe. */
  readonly layers: ReadonlyMap<string, LayerFit>;
  readonly findings: readonly RecipeFinding[];
}

/**
 * Singular values of two decompositions of one matrix, relative to the largest: ten times what the kernels
 * promise.
 */
const agreement = 1e-5;
/**
 * Closer than this, relative to the largest, two subspaces may be turned against each other by an angle that
 * shows.
 */
const nearlyEqual = 1e-5;
/** Gates further apart than this are different. */
const gateDifference = 1e-3;

const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

export function compareRecipe(recipe: Recipe, open: OpenTrio): RecipeComparison {
  const inputs = {
    base: inputFit(recipe, open, 'base'),
    vlm: inputFit(recipe, open, 'vlm'),
    lrm: inputFit(recipe, open, 'lrm'),
  };
  if (!sameBasis(recipe.basis, open.basis))
    return {
      inputs,
      layers: new Map(recipe.slots.map(({ id }) => [id, 'unfit'])),
      findings: [...inputFindings(recipe, open, inputs), otherBasis(recipe, open)],
    };
  const sameTau = inputs.base === 'same' && inputs.lrm === 'same';
  const places = new Map(open.slots.map(({ id }, index) => [id, index]));
  const layers = new Map<string, LayerFit>();
  const turned: { id: string; pairs: number }[] = [];
  for (const slot of recipe.slots) {
    const index = places.get(slot.id);
    const fit = index === undefined ? 'unfit' : layerFit(slot, recipe, index, open, sameTau);
    layers.set(slot.id, fit);
    if (fit === 'turned')
      turned.push({ id: slot.id, pairs: turnedPairs(slot, open.singularValues[index ?? -1] ?? null) });
  }
  return {
    inputs,
    layers,
    findings: [...inputFindings(recipe, open, inputs), ...layerFindings(recipe, open, layers, turned)],
  };
}

const otherBasis = ({ basis }: Recipe, open: OpenTrio): RecipeFinding => ({
  code: 'other-basis',
  severity: 'error',
  tensors: [],
  message: `The recipe’s gates are of ${describeBasis(basis)}, and the open models have theirs in ${describeBasis(open.basis)}.`,
  remedy: 'No layer is applied, because its gates would go to other pieces. Change the basis first.',
});

function inputFit({ inputs }: Recipe, { models, identity }: OpenTrio, role: Role): InputFit {
  const [made, here] = [inputs[role], models[role]];
  if (made.sha256 !== null && identity) return made.sha256 === identity.inputs[role] ? 'same' : 'differs';
  return made.architecture === here.architecture && made.label === here.label ? 'named' : 'differs';
}

function layerFit(
  slot: RecipeSlot,
  { basis, budget }: Recipe,
  index: number,
  { slots, singularValues, identity }: OpenTrio,
  sameTau: boolean,
): LayerFit {
  const rank = slots[index]?.rank ?? 0;
  if (slot.rank !== rank || slot.gates.length !== gateCount(rank, budget)) return 'unfit';
  const constant = slot.gates.every((gate) => gate === slot.gates[0]);
  if (identity && slot.factors !== null && slot.factors === identity.factors[index]) return 'same';
  const sigmas = singularValues[index];
  if (sameTau) {
    // Other pieces of the same task vector have other strengths; its singular values are always the same.
    const strange = !isSvd(basis) && slot.singularValues && sigmas && !agree(slot.singularValues, sigmas);
    return constant ? 'same' : strange ? 'other' : 'turned';
  }
  // One gate for a whole task vector is a λ of its own: it belongs to no basis.
  if (constant) return 'unproven';
  if (slot.singularValues && sigmas) return agree(slot.singularValues, sigmas) ? 'turned' : 'other';
  return identity && slot.factors !== null ? 'other' : 'unproven';
}

/** @param here all of the layer's, of which the recipe has the first */
function agree(made: Float32Array, here: Float32Array): boolean {
  const limit = agreement * Math.max(made[0] ?? 0, here[0] ?? 0);
  return made.every((sigma, i) => Math.abs(sigma - (here[i] ?? 0)) <= limit);
}

/**
 * Neighbours that a decomposition may turn against each other, and that have different gates: there the merge
 * is not the same.
 */
function turnedPairs(slot: RecipeSlot, here: Float32Array | null): number {
  const sigmas = slot.singularValues ?? here;
  if (!sigmas) return 0;
  let pairs = 0;
  for (let i = 0; i + 1 < ownGates({ rank: slot.rank, gates: slot.gates.length }); i++) {
    const close = (sigmas[i] ?? 0) - (sigmas[i + 1] ?? 0) <= nearlyEqual * (sigmas[0] ?? 0);
    if (close && Math.abs((slot.gates[i] ?? 0) - (slot.gates[i + 1] ?? 0)) > gateDifference) pairs += 1;
  }
  return pairs;
}

function inputFindings(
  recipe: Recipe,
  { models, identity }: OpenTrio,
  inputs: RecipeComparison['inputs'],
): RecipeFinding[] {
  const found: RecipeFinding[] = [];
  for (const role of roles) {
    if (inputs[role] !== 'differs') continue;
    const [made, here] = [recipe.inputs[role], models[role]];
    const byBytes = made.sha256 !== null && identity !== null;
    const renamed =
      made.label === here.label
        ? `${made.label}, but with other weights`
        : `${made.label}, and the open one is ${here.label}`;
    found.push({
      code: `other-${role}`,
      severity: made.architecture === here.architecture ? 'warning' : 'error',
      message:
        made.architecture === here.architecture
          ? `The recipe’s ${roleNames[role]} was ${byBytes ? renamed : `called ${made.label}, and the open one is called ${here.label}`}.`
          : `The recipe’s ${roleNames[role]} was ${made.label} (${made.architecture}), and the open one is ${here.label} (${here.architecture}).`,
      remedy: !byBytes
        ? 'Only the names were compared: check that they are the same.'
        : role === 'vlm'
          ? 'The gates were learnt to keep the answers of another VLM. Measure the merge before you rely on it.'
          : 'Layers whose subspaces differ are named beside this; where none is, they are the same. To get the recipe’s own merge, open the models that it was made from.',
      tensors: [],
    });
  }
  if (roles.every((role) => inputs[role] === 'same')) {
    found.push({
      code: 'same-models',
      severity: 'info',
      message: 'All three models are the recipe’s own, by the hash of every tensor.',
      remedy: '',
      tensors: [],
    });
  } else if (!identity) {
    found.push({
      code: 'not-compared',
      severity: 'warning',
      message: 'Names and sizes were compared, not bytes.',
      remedy: 'Whether these are the models of the recipe is not proven.',
      tensors: [],
    });
  }
  return found;
}

function layerFindings(
  recipe: Recipe,
  { slots, identity }: OpenTrio,
  layers: ReadonlyMap<string, LayerFit>,
  turned: readonly { readonly id: string; readonly pairs: number }[],
): RecipeFinding[] {
  const found: RecipeFinding[] = [];
  const here = new Map(slots.map(({ id, rank }) => [id, rank]));
  const say = (
    code: string,
    severity: RecipeFinding['severity'],
    tensors: readonly string[],
    message: string,
    remedy: string,
  ) => {
    if (tensors.length > 0) found.push({ code, severity, tensors, message, remedy });
  };
  const having = (fit: LayerFit) => recipe.slots.filter(({ id }) => layers.get(id) === fit);
  const unfit = having('unfit');
  const absent = unfit.filter(({ id }) => !here.has(id)).map(({ id }) => id);
  say(
    'layer-absent',
    'warning',
    absent,
    `${count(absent.length, 'layer')} of the recipe ${absent.length === 1 ? 'is' : 'are'} not open here: not chosen, or not in these models.`,
    'These layers of the recipe are left out.',
  );
  const sized = unfit
    .filter(({ id }) => here.has(id))
    .map(({ id, rank }) => `${id}: ${rank} in the recipe, ${here.get(id)} here`);
  say(
    'rank-differs',
    'warning',
    sized,
    `${count(sized.length, 'layer')} ${sized.length === 1 ? 'has' : 'have'} another number of subspaces here.`,
    'These layers are left out, because gates cannot be given to subspaces that do not exist.',
  );
  const other = having('other').map(({ id }) => id);
  say(
    'other-subspaces',
    'warning',
    other,
    isSvd(recipe.basis)
      ? `${count(other.length, 'layer')} ${other.length === 1 ? 'has' : 'have'} other singular values here: another task vector under the same name.`
      : `${count(other.length, 'layer')} ${other.length === 1 ? 'has' : 'have'} pieces of other strengths here: another task vector under the same name, or other directions because the basis is of other weights.`,
    'These layers are left out unless you choose otherwise. The first gate would go to the strongest subspace here, whatever it does.',
  );

  const pairs = turned.filter((layer) => layer.pairs > 0);
  const kernels =
    identity && identity.kernel !== recipe.kernel ? ` (${recipe.kernel}, here ${identity.kernel})` : '';
  const total = pairs.reduce((sum, layer) => sum + layer.pairs, 0);
  say(
    'turned',
    pairs.length > 0 ? 'warning' : 'info',
    pairs.length > 0
      ? pairs.map((layer) => `${layer.id}: ${count(layer.pairs, 'pair')}`)
      : turned.map(({ id }) => id),
    pairs.length > 0
      ? `${count(turned.length, 'layer')} ${turned.length === 1 ? 'was' : 'were'} decomposed differently${kernels}. In ${pairs.length} of them, ${count(total, 'pair')} of nearly equal subspaces with different gates may be turned against each other.`
      : `${count(turned.length, 'layer')} ${turned.length === 1 ? 'was' : 'were'} decomposed differently${kernels}, with the same singular values.`,
    pairs.length > 0
      ? 'In these layers the merge comes out close to the recipe’s, but not equal. The exported weights are the merge itself.'
      : 'The merge is the same as the recipe’s, except for rounding.',
  );
  const unproven = having('unproven').map(({ id }) => id);
  if (identity)
    say(
      'unproven',
      'warning',
      unproven,
      `Nothing in the recipe proves that ${count(unproven.length, 'layer')} ${unproven.length === 1 ? 'has' : 'have'} the same task vector here.`,
      'Their gates are applied by the names of the layers.',
    );
  const kept = slots.filter(({ id }) => !layers.has(id)).map(({ id }) => id);
  say(
    'not-in-recipe',
    'info',
    kept,
    `${count(kept.length, 'layer')} of these models ${kept.length === 1 ? 'is' : 'are'} not in the recipe.`,
    'These layers keep their present gates.',
  );
  return found;
}
