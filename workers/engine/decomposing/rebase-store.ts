/**
 * The factors of a session in another basis than the SVD, made of those of the SVD, matrix by matrix, and kept like
 * them: in the cache if it takes them, else in memory. The name of an entry is a hash of the matrix, the basis and
 * the versions of all that made it, so equal names mean equal factors here as well.
 */
import type { Role } from '../../../core/family/trio.ts';
import { StudioError } from '../../../core/errors.ts';
import { bases, describeBasis, type Basis } from '../../../core/gates/basis.ts';
import { measurePieces } from '../../../core/spectrum/measures.ts';
import type { BasisEvent } from '../../../protocol/basis.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { Checkpoint, FactorCache } from '../../io/contract.ts';
import { sha256Hex } from '../../io/hash.ts';
import { neuronDirections, randomDirections, singularDirections } from '../../kernels/basis/directions.ts';
import { rebaseFlops, rebaseSteps, rebaseVersion, type Shape } from '../../kernels/basis/rebase.ts';
import { decodeFactors, decodeHead, encodeFactors, entrySize } from '../../kernels/svd/cache.ts';
import type { ThinSvd } from '../../kernels/svd/contract.ts';
import { kernelVersion } from '../../kernels/svd/svd.ts';
import type { FactorStore } from '../../merge/factors.ts';
import { breathe } from '../../nn/breathe.ts';
import { keyBy, madeBy, matrixOf, versionOf } from '../../pool/factor-key.ts';
import { progressMeter } from '../progress-meter.ts';
import { decomposeOne, type SvdWorkers } from './decompose.ts';
import { createFactorStore, HeldBytes, type StoredFactors } from './factor-store.ts';

export interface RebaseParts {
  /** Another than the SVD. */
  readonly basis: Basis;
  /** In the basis of the SVD. It must outlive the store that is made of it. */
  readonly source: FactorStore;
  /** In the store's order. */
  readonly slots: readonly SlotInfo[];
  readonly checkpoints: Readonly<Record<Role, Checkpoint>>;
  readonly cache: FactorCache;
  readonly workers: SvdWorkers;
  /** Cache entries that must stay. */
  readonly keep: ReadonlySet<string>;
  readonly onEvent: (event: BasisEvent) => void;
  readonly signal: AbortSignal;
}

/** A matrix whose singular vectors are the directions, decomposed. */
interface Other {
  readonly svd: ThinSvd;
  readonly key: string;
}

interface Remade {
  readonly svd: ThinSvd;
  readonly key: string;
  readonly stored: boolean;
}

export async function rebaseStore(parts: RebaseParts): Promise<FactorStore> {
  const { basis, source, slots, cache, onEvent, signal } = parts;
  requireBasis(basis, slots);
  const shapes = slots.map(({ shape: [rows, cols], rank }): Shape => ({ rows, cols, rank }));
  const flops = shapes.map(rebaseFlops);
  const allFlops = flops.reduce((sum, each) => sum + each, 0);
  const report = progressMeter(
    { stage: 'Changing the basis', total: slots.length, unit: 'matrices' },
    (progress) => onEvent({ type: 'progress', progress }),
  );
  const heldBytes = new HeldBytes();
  const keep = new Set([...parts.keep, ...source.keys]);
  const begunMs = performance.now();
  let doneFlops = 0;
  const results: StoredFactors[] = [];
  report(0, null);
  for (const [index, slot] of slots.entries()) {
    const shape = shapes[index] as Shape;
    const other = await otherMatrix(parts, slot, true, signal);
    const before = await nameOf(basis, slot, source.names[index] ?? '', other);
    const found = await lookUp(cache, before, shape);
    signal.throwIfAborted();
    const { key, svd, stored } = found ?? (await make(parts, { index, other, shape, keep }, signal));
    keep.add(key);
    const held = stored ? null : svd;
    if (held) heldBytes.add(held);
    const { rows, cols, rank } = shape;
    results.push({ facts: { id: slot.id, rows, columns: cols, rank, s: svd.s }, key, held });
    onEvent({
      type: 'spectrum',
      spectrum: {
        slot: index,
        singularValues: svd.s.slice(),
        measures: measurePieces({ sigma: svd.s, rows, columns: cols }),
        cached: found !== null,
        exact: true,
        by: madeBy(key),
      },
    });
    doneFlops += flops[index] ?? 0;
    report(index + 1, (performance.now() - begunMs) * (allFlops / doneFlops - 1));
  }
  await cache.used([...source.keys, ...results.map(({ key }) => key)]);
  return createFactorStore(results, cache, async (index, reading) => {
    const [slot, shape] = [slots[index] as SlotInfo, shapes[index] as Shape];
    const other = await otherMatrix(parts, slot, false, reading);
    return make(parts, { index, other, shape, keep }, reading);
  });
}

/** Throws `unsupported` where a matrix does not have the basis. */
function requireBasis(basis: Basis, slots: readonly SlotInfo[]): void {
  if (bases[basis.id].ofLowRank) return;
  const low = slots.find(({ rank, shape: [rows, columns] }) => rank < Math.min(rows, columns));
  if (!low) return;
  const others = Object.entries(bases).flatMap(([id, { ofLowRank }]) => (ofLowRank ? [id] : []));
  throw new StudioError(
    'unsupported',
    `The change of ${low.id} has ${low.rank} subspaces, as an adapter’s has, and ${Math.min(...low.shape)} directions of the basis of ${describeBasis(basis)} would be needed to hold it: more gates than subspaces. Choose the basis ${others.join(' or ')}, or open the reasoning model as whole weights.`,
    { details: { tensor: low.tensors.lrm, value: basis.id } },
  );
}

/** Reads the factors and writes them in the basis; into the cache where it takes them. */
async function make(
  { basis, source, slots, cache }: RebaseParts,
  {
    index,
    other,
    shape,
    keep,
  }: {
    readonly index: number;
    readonly other: Other | null;
    readonly shape: Shape;
    readonly keep: ReadonlySet<string>;
  },
  signal: AbortSignal,
): Promise<Remade> {
  const slot = slots[index] as SlotInfo;
  const factors = await source.read(index, signal);
  // Reading may have decomposed again, by what names other factors.
  const key = await nameOf(basis, slot, source.names[index] ?? '', other);
  const given: ThinSvd = { u: owned(factors.u), s: owned(factors.s), vt: owned(factors.vt) };
  const svd = await withinMemory(slot, async () => {
    const q = await inTurns(directions(basis, slot, given, shape, other), signal);
    return inTurns(rebaseSteps(given, shape, q), signal);
  });
  return { svd, key, stored: await store(cache, key, svd, shape, keep) };
}

/** RangeError is what engines throw when an array cannot be had. */
async function withinMemory<T>(slot: SlotInfo, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    const [rows, columns] = slot.shape;
    throw new StudioError(
      'memory',
      `There is not enough memory to write ${slot.id}, a ${rows} × ${columns} matrix, in another basis. Close other programs, open fewer layers, or keep the basis svd.`,
      { details: { tensor: slot.id, value: 4 * rows * columns }, cause: thrown },
    );
  }
}

/** The same memory: what a store hands out is never shared between threads. */
const owned = (values: Float32Array): Float32Array<ArrayBuffer> => values as Float32Array<ArrayBuffer>;

function* directions(
  { id, seed }: Basis,
  slot: SlotInfo,
  factors: ThinSvd,
  shape: Shape,
  other: Other | null,
): Generator<void, Float64Array> {
  if (id === 'random') return yield* randomDirections(factors, shape, seed ?? 0, slot.id);
  if (id === 'neurons') return neuronDirections(shape);
  if (!other) throw new StudioError('internal', `The basis ${id} has no matrix to take its directions from.`);
  return singularDirections(other.svd, shape);
}

async function inTurns<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breathe(signal);
  }
}

/** As `factorKey`: a hash, and behind it who decomposed. */
async function nameOf(
  { id, seed }: Basis,
  slot: SlotInfo,
  tau: string,
  other: Other | null,
): Promise<string> {
  // The name of the layer decides random directions.
  const drawn = seed === null ? '' : ` seed ${seed} ${slot.id}`;
  const taken = other === null ? '' : ` of ${matrixOf(other.key)}`;
  const hash = await sha256Hex(
    `basis ${id}${drawn}${taken} ${matrixOf(tau)} ${rebaseVersion} ${kernelVersion}`,
  );
  return keyBy(hash, [tau, other?.key ?? ''].some((key) => madeBy(key) === 'device') ? 'device' : 'kernel');
}

const identityOf = (key: string, { rows, cols, rank }: Shape) => ({
  rows,
  cols,
  rank,
  kernelVersion: versionOf(key),
});

/** Only the strengths where the cache keeps the rest. */
async function lookUp(cache: FactorCache, key: string, shape: Shape): Promise<Remade | null> {
  const identity = identityOf(key, shape);
  const head = await cache.head(key, entrySize(identity).headBytes);
  const s = head && decodeHead(head.bytes, head.sizeBytes, identity);
  if (!s) return null;
  if (cache.lasting) return { svd: { u: new Float32Array(), s, vt: new Float32Array() }, key, stored: true };
  const entry = await cache.get(key);
  const svd = entry && decodeFactors(entry, identity);
  return svd && { svd, key, stored: false };
}

async function store(
  cache: FactorCache,
  key: string,
  svd: ThinSvd,
  shape: Shape,
  keep: ReadonlySet<string>,
): Promise<boolean> {
  const identity = identityOf(key, shape);
  const room = await cache.reserve(key, entrySize(identity).entryBytes, keep);
  const put = room && (await cache.put(key, encodeFactors(svd, identity)));
  return put && cache.lasting;
}

/** What the bases by other matrices take their directions from; null in those that need none. */
async function otherMatrix(
  { basis: { id }, checkpoints, cache, workers }: RebaseParts,
  slot: SlotInfo,
  believed: boolean,
  signal: AbortSignal,
): Promise<Other | null> {
  if (id !== 'svd-base' && id !== 'svd-vlm') return null;
  const { base, vlm } = checkpoints;
  const { tensors } = slot;
  const isBase = id === 'svd-base';
  const { svd, key } = await decomposeOne(
    {
      // The decomposition is of a difference: of W_base from nothing, or of the VLM's from the base's.
      checkpoints: isBase ? { ...checkpoints, base: ofZeros(base), lrm: base } : { ...checkpoints, lrm: vlm },
      slot: { ...slot, tensors: { ...tensors, lrm: isBase ? tensors.base : tensors.vlm } },
      cache,
      workers,
      lookUp: believed,
      called: isBase
        ? `The base’s matrix ${tensors.base}`
        : `The difference between ${tensors.vlm} (VLM) and ${tensors.base} (base)`,
    },
    signal,
  );
  if (svd.s[0] === 0)
    throw new StudioError(
      'unsupported',
      isBase
        ? `The base’s matrix ${tensors.base} is zero everywhere, so it has no singular vectors to take as a basis. Choose another basis.`
        : `The VLM’s training changed nothing in ${tensors.vlm}: the difference from the base is zero, so it has no singular vectors to take as a basis. Choose another basis, or open only the layers that its training changed.`,
      { details: { tensor: isBase ? tensors.base : tensors.vlm, value: id } },
    );
  return { svd, key };
}

const ofZeros = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  readRaw: async (tensor) => new Uint8Array(checkpoint.tensors.get(tensor)?.sizeBytes ?? 0),
});
