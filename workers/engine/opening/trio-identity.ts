/**
 * The identity of an open trio: a hash of every model and of every layer’s factors. Each is computed once in
 * a session, when something first asks; a cancelled job leaves what it has hashed to the next one. The hashes are
 * of the files as they were then: a model is not read again to see whether its files have changed. Because the VLM
 * passes by whole, what in it is not finite is seen here as well.
 */
import { valuesNotFinite } from '../../../core/family/copied-values.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { roles, type Role } from '../../../core/family/trio.ts';
import type { TrioIdentity } from '../../../core/recipe/compare.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { hashCheckpoint, sha256Hex } from '../../io/hash.ts';
import type { FactorStore, SlotFactors } from '../../merge/factors.ts';
import { breathe } from '../../nn/breathe.ts';
import { CopiedValues } from '../../io/copied-values.ts';
import { Mutex, type TurnNames } from '../mutex.ts';
import { sampleOf } from './weight-sample.ts';
import { progressMeter, waitingFor } from '../progress-meter.ts';

/** Numbers of one tensor in a sample. */
const sampledNumbers = 1024;

type Report = (progress: Progress) => void;

const reading = (onProgress: Report): TurnNames => ({
  owner: 'the reading of the models',
  onWait: (holder) => onProgress(waitingFor(holder)),
});

/** What was read of the models themselves, whatever their factors are. */
interface OfModels {
  readonly inputs: Partial<Record<Role, string>>;
  readonly samples: Map<string, string>;
  found: readonly Finding[];
}

export class TrioHashes {
  readonly #checkpoints: Readonly<Record<Role, Checkpoint>>;
  readonly #factors: FactorStore;
  readonly #models: OfModels;
  readonly #ofFactors: string[] = [];
  /** Two jobs that ask at once share the work. */
  readonly #turn = new Mutex();

  constructor(
    checkpoints: Readonly<Record<Role, Checkpoint>>,
    factors: FactorStore,
    models: OfModels = { inputs: {}, samples: new Map(), found: [] },
  ) {
    this.#checkpoints = checkpoints;
    this.#factors = factors;
    this.#models = models;
  }

  /** Of the same models with other factors: what was read of the models is not read again. */
  of(factors: FactorStore): TrioHashes {
    return new TrioHashes(this.#checkpoints, factors, this.#models);
  }

  /** Reads all three models and all factors the first time, nothing later. */
  identity(onProgress: Report, signal: AbortSignal): Promise<TrioIdentity> {
    return this.#turn.run(
      async () => {
        const inputs = await this.#hashInputs(onProgress, signal);
        const factors = await this.#hashFactors(onProgress, signal);
        return { kernel: this.#factors.kernel, inputs, factors };
      },
      signal,
      reading(onProgress),
    );
  }

  /** Reads all three models the first time, nothing later. */
  inputs(onProgress: Report, signal: AbortSignal): Promise<TrioIdentity['inputs']> {
    return this.#turn.run(() => this.#hashInputs(onProgress, signal), signal, reading(onProgress));
  }

  /** What the bytes of the VLM showed: nothing before it was hashed. */
  get findings(): readonly Finding[] {
    return this.#models.found;
  }

  /** Of some numbers from the middle of each of these tensors: small reads that tell other weights from these. */
  async sampled(role: Role, tensors: readonly string[], signal: AbortSignal): Promise<string> {
    const key = `${role} ${tensors.join(' ')}`;
    const known = this.#models.samples.get(key);
    if (known !== undefined) return known;
    const parts: string[] = [];
    for (const name of tensors) {
      const { buffer } = await sampleOf(this.#checkpoints[role], name, signal, sampledNumbers);
      parts.push(`${name} ${await sha256Hex(new Uint8Array(buffer))}`);
    }
    const hash = await sha256Hex(parts.join('\n'));
    this.#models.samples.set(key, hash);
    return hash;
  }

  async #hashInputs(onProgress: Report, signal: AbortSignal): Promise<Record<Role, string>> {
    const report = progressMeter(
      { stage: 'Hashing the models', total: roles.length, unit: 'items' },
      onProgress,
    );
    const hash = async (role: Role): Promise<string> => {
      const values = new CopiedValues();
      const look = role === 'vlm' ? values.whole : undefined;
      const sha256 = await hashCheckpoint(this.#checkpoints[role], undefined, signal, look);
      if (look) this.#models.found = valuesNotFinite(this.#checkpoints.vlm.label, values.found());
      return sha256;
    };
    const of = async (role: Role): Promise<string> => (this.#models.inputs[role] ??= await hash(role));
    const inputs = {} as Record<Role, string>;
    report(0);
    for (const [i, role] of roles.entries()) {
      inputs[role] = await of(role);
      report(i + 1);
    }
    return inputs;
  }

  async #hashFactors(onProgress: Report, signal: AbortSignal): Promise<readonly string[]> {
    const { slots } = this.#factors;
    const report = progressMeter(
      { stage: 'Hashing the factors', total: slots.length, unit: 'matrices' },
      onProgress,
    );
    const hashes = this.#ofFactors;
    while (hashes.length < slots.length) {
      await breathe(signal);
      hashes.push(await hashFactors(await this.#factors.read(hashes.length, signal)));
      report(hashes.length);
    }
    return hashes.slice();
  }
}

/** SHA-256 of U, S and Vᵀ, float32, row-major, one after another. */
function hashFactors({ u, s, vt }: SlotFactors): Promise<string> {
  const all = new Float32Array(u.length + s.length + vt.length);
  all.set(u);
  all.set(s, u.length);
  all.set(vt, u.length + s.length);
  return sha256Hex(new Uint8Array(all.buffer));
}
