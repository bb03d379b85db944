/**
 * The factors of a session. Vectors are in the cache if the cache took them, and in memory if it did not. An
 * entry that has vanished or is damaged when it is read is decomposed again from the files.
 */
import { StudioError } from '../../../core/errors.ts';
import type { FactorCache } from '../../io/contract.ts';
import { decodeFactors } from '../../kernels/svd/cache.ts';
import type { ThinSvd } from '../../kernels/svd/contract.ts';
import type { FactorFacts, FactorStore } from '../../merge/factors.ts';
import { matrixOf, versionOf } from '../../pool/factor-key.ts';

/** One slot, decomposed. */
export interface StoredFactors {
  readonly facts: FactorFacts;
  /** Names the cache entry. */
  readonly key: string;
  /** Null when the cache keeps them. */
  readonly held: ThinSvd | null;
}

/** A slot's factors anew, from the files. */
export type DecomposeAgain = (index: number, signal: AbortSignal) => Promise<Remade>;

export interface Remade {
  readonly svd: ThinSvd;
  readonly key: string;
  /** Whether the cache has taken them. */
  readonly stored: boolean;
}

/** Factors held in memory, where the cache does not take them; browsers give a page about this much. */
const maxHeldBytes = 3 * 2 ** 30;

export class HeldBytes {
  #bytes = 0;

  /** Throws when that is too much for a page. */
  add({ u, s, vt }: ThinSvd): void {
    this.#bytes += u.byteLength + s.byteLength + vt.byteLength;
    if (this.#bytes <= maxHeldBytes) return;
    throw new StudioError(
      'memory',
      `The factors of these models need more than ${maxHeldBytes / 2 ** 30} GiB, and the browser's storage takes no more of them. Free disk space, allow this site to store data, or choose smaller models.`,
      { details: { value: this.#bytes } },
    );
  }
}

export function createFactorStore(
  all: readonly StoredFactors[],
  cache: FactorCache,
  again: DecomposeAgain,
): FactorStore {
  const slots = all.map(({ facts }) => facts);
  const held = new Map(all.flatMap(({ held: svd }, index) => (svd ? [[index, svd] as const] : [])));
  const heldBytes = new HeldBytes();
  for (const svd of new Set(held.values())) heldBytes.add(svd);
  /** The key of each slot's cache entry. */
  const keys = all.map(({ key }) => key);

  const remake = async (index: number, signal: AbortSignal): Promise<ThinSvd> => {
    const remade = await again(index, signal);
    // The kernel may make again what the device made: within the contract they are the same.
    if (matrixOf(remade.key) !== matrixOf(keys[index] as string)) {
      const { id } = slots[index] as FactorFacts;
      throw new StudioError(
        'mismatch',
        `The weights of ${id} have changed since the models were opened. Open them again.`,
        { details: { tensor: id } },
      );
    }
    keys[index] = remade.key;
    if (!remade.stored) {
      heldBytes.add(remade.svd);
      held.set(index, remade.svd);
    }
    return remade.svd;
  };

  return {
    slots,
    get names() {
      return [...keys];
    },
    get keys() {
      return new Set(keys.filter((_, index) => !held.has(index)));
    },
    get kernel() {
      return [...new Set(keys.map(versionOf))].sort().join(' + ');
    },
    async read(index, signal) {
      const [facts, key] = [slots[index], keys[index]];
      if (!facts || key === undefined) throw new StudioError('internal', `There is no slot ${index}.`);
      signal.throwIfAborted();
      const kept = held.get(index);
      if (kept) return { ...facts, u: kept.u, vt: kept.vt };
      const stored = await cache.get(key);
      signal.throwIfAborted();
      const found =
        stored &&
        decodeFactors(stored, {
          rows: facts.rows,
          cols: facts.columns,
          rank: facts.rank,
          kernelVersion: versionOf(key),
        });
      const { u, vt } = found ?? (await remake(index, signal));
      return { ...facts, u, vt };
    },
    dispose: () => held.clear(),
  };
}
