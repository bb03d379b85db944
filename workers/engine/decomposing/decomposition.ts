/** What came of each matrix of a trio: told to whoever watches, and kept for the store. */
import { measurePreview, measureSpectrum } from '../../../core/spectrum/measures.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { FactorCache } from '../../io/contract.ts';
import { encodeFactors, entrySize } from '../../kernels/svd/cache.ts';
import type { ThinSvd } from '../../kernels/svd/contract.ts';
import type { SvdOutcome } from '../../pool/contract.ts';
import { versionOf } from '../../pool/factor-key.ts';
import { slotFlops } from './decompose-plan.ts';
import { HeldBytes, type StoredFactors } from './factor-store.ts';
import { progressMeter, type Report } from '../progress-meter.ts';
import { WorkEstimate } from './work-estimate.ts';

export interface DecompositionParts {
  readonly slots: readonly SlotInfo[];
  readonly cache: FactorCache;
  /** Cache entries that others still need. */
  readonly keep: ReadonlySet<string>;
  readonly workers: number;
  readonly onEvent: (event: OpenEvent) => void;
}

export class Decomposition {
  readonly #slots: readonly SlotInfo[];
  readonly #cache: FactorCache;
  readonly #onEvent: (event: OpenEvent) => void;
  readonly #results: (StoredFactors | null)[];
  readonly #keep: Set<string>;
  readonly #heldBytes = new HeldBytes();
  readonly #estimate: WorkEstimate;
  readonly #report: Report;
  #done = 0;
  #mayStore = true;

  constructor({ slots, cache, keep, workers, onEvent }: DecompositionParts) {
    this.#slots = slots;
    this.#cache = cache;
    this.#onEvent = onEvent;
    this.#results = slots.map(() => null);
    this.#keep = new Set(keep);
    this.#estimate = new WorkEstimate(slots.map(slotFlops), workers);
    this.#report = progressMeter(
      { stage: 'Decomposing layers', total: slots.length, unit: 'matrices' },
      (progress) => onEvent({ type: 'progress', progress }),
    );
    this.#report(0, null);
  }

  /** False once the cache has no room for more. */
  get mayStore(): boolean {
    return this.#mayStore;
  }

  /** Of slots not yet decomposed: which of them share a cache entry, by its key. */
  readonly alike = new Map<string, number[]>();

  /** A first look at a slot. */
  looked(index: number, outcome: SvdOutcome): void | Promise<void> {
    if (outcome.kind === 'exact') return this.decomposed([index], outcome);
    const slot = this.#slots[index] as SlotInfo;
    const [rows, columns] = slot.shape;
    const { key, s, frobenius } = outcome;
    const same = this.alike.get(key);
    if (same) {
      same.push(index);
      this.#estimate.spared(slotFlops(slot));
    } else this.alike.set(key, [index]);
    this.#onEvent({
      type: 'spectrum',
      spectrum: {
        slot: index,
        singularValues: s,
        measures: measurePreview({ sigma: s, frobenius, rows, columns }),
        cached: false,
        exact: false,
      },
    });
  }

  /** The factors of slots that are equal. */
  async decomposed(indices: readonly number[], outcome: SvdOutcome): Promise<void> {
    const [first] = indices;
    if (outcome.kind !== 'exact' || first === undefined) return;
    const { key, s, cached, by, computeMs } = outcome;
    this.#keep.add(key);
    const held = await this.#keepOrStore(first, outcome);
    if (held) this.#heldBytes.add(held);
    const flops = slotFlops(this.#slots[first] as SlotInfo);
    if (cached) this.#estimate.spared(flops);
    else this.#estimate.computed(flops, computeMs);
    for (const index of indices) {
      const {
        id,
        rank,
        shape: [rows, columns],
      } = this.#slots[index] as SlotInfo;
      this.#results[index] = { facts: { id, rows, columns, rank, s }, key, held };
      this.#onEvent({
        type: 'spectrum',
        spectrum: {
          slot: index,
          singularValues: s.slice(),
          measures: measureSpectrum({ sigma: s, rows, columns }),
          cached,
          exact: true,
          by,
        },
      });
      this.#report(++this.#done, this.#estimate.leftMs);
    }
  }

  /** Null when the cache has them. */
  async #keepOrStore(
    index: number,
    { key, s, cached, stored, vectors }: SvdOutcome & { readonly kind: 'exact' },
  ): Promise<ThinSvd | null> {
    const svd = vectors && { ...vectors, s };
    if (cached || !this.#cache.lasting || !this.#mayStore) return svd;
    const {
      shape: [rows, cols],
    } = this.#slots[index] as SlotInfo;
    const identity = { rows, cols, rank: s.length, kernelVersion: versionOf(key) };
    const room = await this.#cache.reserve(key, entrySize(identity).entryBytes, this.#keep);
    // Where a worker could not store it there may have been no room, and now there is.
    const put =
      stored || (room && svd !== null && (await this.#cache.put(key, encodeFactors(svd, identity))));
    this.#mayStore = room && put;
    return put ? null : svd;
  }

  /** In slot order, when all are there. */
  results(): readonly StoredFactors[] {
    return this.#results.flatMap((result) => result ?? []);
  }
}
