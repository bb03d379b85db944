/**
 * The bases in which a task vector can be written as a sum of pieces that have a gate each:
 *
 *     τ = Σ_i s_i u_i v_iᵀ,   ‖u_i‖ = ‖v_i‖ = 1,   r = min(rows, columns) pieces, s_i falling
 *
 * In every basis one side (the u_i or the v_i) is orthonormal, so the pieces are orthogonal to each other and
 * Σ s_i² = ‖τ‖²_F. The SVD of τ is the one in which both sides are. All others are made from an orthonormal
 * basis Q of τ's shorter side (the output side where rows < columns, the input side otherwise), each direction
 * of which carries what τ does along it. Only in the SVD are the s_i singular values.
 */
import { StudioError } from '../errors.ts';

interface BasisRow {
  /** As in "in the basis of …". */
  readonly label: string;
  /** Whether a seed decides it. */
  readonly seeded: boolean;
  /** Whether it can be had of a task vector of less than full rank, which an adapter's is. */
  readonly ofLowRank: boolean;
  /** What the directions are, a whole sentence. */
  readonly about: string;
}

const row = (basis: BasisRow): BasisRow => basis;

/** One row a basis, the paper's first. */
export const bases = {
  svd: row({
    label: 'singular vectors of the task vector (SVD)',
    seeded: false,
    ofLowRank: true,
    about: 'The singular vectors of the task vector, as in the paper.',
  }),
  random: row({
    label: 'random orthonormal directions',
    seeded: true,
    ofLowRank: true,
    about:
      'Random orthonormal directions, drawn by a seed: whether the singular vectors matter is seen beside these.',
  }),
  neurons: row({
    label: 'neurons',
    seeded: false,
    ofLowRank: false,
    about: 'The neurons of the shorter side: one gate for each row of the matrix, or for each column.',
  }),
  'svd-base': row({
    label: 'singular vectors of the base’s weights',
    seeded: false,
    ofLowRank: false,
    about: 'The singular vectors of the base’s own matrix, on the shorter side.',
  }),
  'svd-vlm': row({
    label: 'singular vectors of the VLM’s change',
    seeded: false,
    ofLowRank: false,
    about: 'The singular vectors of what the VLM’s training changed, θ_vlm − θ_base, on the shorter side.',
  }),
} as const satisfies Readonly<Record<string, BasisRow>>;

export type BasisId = keyof typeof bases;

export interface Basis {
  readonly id: BasisId;
  /** 0 to 2³² − 1; null in a basis that has none. */
  readonly seed: number | null;
}

export const basisIds = Object.keys(bases) as readonly BasisId[];

/** The paper's, in which models are opened. */
export const svdBasis: Basis = { id: 'svd', seed: null };

export const isSvd = ({ id }: Basis): boolean => id === 'svd';

export const sameBasis = (a: Basis, b: Basis): boolean => a.id === b.id && a.seed === b.seed;

export const isBasisId = (id: unknown): id is BasisId => typeof id === 'string' && Object.hasOwn(bases, id);

/** Largest seed. */
export const maxBasisSeed = 2 ** 32 - 1;

/** As in "random orthonormal directions (seed 3)". */
export const describeBasis = ({ id, seed }: Basis): string =>
  `${bases[id].label}${seed === null ? '' : ` (seed ${seed})`}`;

/** Throws `bad-request` for what is no basis. */
export function checkBasis({ id, seed }: Basis): Basis {
  if (!isBasisId(id))
    throw new StudioError(
      'bad-request',
      `There is no basis “${String(id)}”. It is one of ${basisIds.join(', ')}.`,
      { details: { value: String(id) } },
    );
  const fits = bases[id].seeded
    ? Number.isInteger(seed) && (seed ?? -1) >= 0 && (seed ?? -1) <= maxBasisSeed
    : seed === null;
  if (!fits)
    throw new StudioError(
      'bad-request',
      bases[id].seeded
        ? `The seed of the basis ${id} is a whole number from 0 to ${maxBasisSeed}, not ${seed}.`
        : `The basis ${id} has no seed, and ${seed} was given.`,
      { details: { value: String(seed) } },
    );
  return { id, seed };
}
