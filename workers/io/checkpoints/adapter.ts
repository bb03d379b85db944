/**
 * A PEFT folder with a LoRA adapter, read as the model that it makes of its base: every tensor of the base,
 * and where the adapter has factors W + s·B·A (s = α/r; Hu et al., "LoRA", 2021). The factors themselves can
 * be had too, for a decomposition that never forms the product.
 *
 * Where training began with a part of the base in the factors (PiSSA, OLoRA), that part P = s·B₀·A₀ is taken
 * out of the base, as peft does on loading: the model is W + s·B·A − P, a difference of twice the rank. peft
 * rounds W − P to the base's element type; here it is not rounded, as in peft's own conversion to plain LoRA.
 */
import { StudioError } from '../../../core/errors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { parseLoraConfig } from '../../../core/family/adapter-config.ts';
import { beginningNames, type TakenOut } from '../../../core/family/adapter-initial.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { throwIfCancelled } from '../cancelled.ts';
import { maxConfigBytes, openWeights } from './checkpoint.ts';
import { readFolderText } from './folder-text.ts';
import { findChanges, type Change, type Factors } from './adapter-changes.ts';
import {
  adapterFindings,
  moduleFindings,
  renamedModules,
  unprefixedNames,
  wholeModelBeside,
} from './adapter-findings.ts';
import { addProduct, cosine, transposed, without, type Part } from './low-rank.ts';
import type { Checkpoint, LowRank, ModelFolder, TensorEntry } from '../contract.ts';

export const adapterWeights = 'adapter_model.safetensors';
export const adapterConfig = 'adapter_config.json';

/** The part P [rows, columns] of a base's matrix that was taken out before training, by factors: P = b·a. */
export type TakeOut = (
  kind: Exclude<TakenOut, 'none'>,
  matrix: Float32Array<ArrayBuffer>,
  place: { readonly tensor: string; readonly rows: number; readonly columns: number },
  rank: number,
  scale: number,
) => Part;

export async function isAdapter(folder: ModelFolder, signal?: AbortSignal): Promise<boolean> {
  return (
    (await folder.open(adapterConfig, signal)) !== null &&
    (await folder.open(adapterWeights, signal)) !== null
  );
}

/** @param takeOut computes what PiSSA and OLoRA took out of the base; without it such adapters are refused */
export async function openAdapter(
  folder: ModelFolder,
  base: Checkpoint,
  signal?: AbortSignal,
  takeOut?: TakeOut,
): Promise<Checkpoint> {
  const marks: Finding[] = [];
  const text = await readFolderText(folder, adapterConfig, signal, maxConfigBytes, (finding) =>
    marks.push(finding),
  );
  if (text === null)
    throw new StudioError('missing', `${folder.label} has no ${adapterConfig}.`, {
      details: { file: adapterConfig },
    });
  const config = parseLoraConfig(text, `${folder.label}/${adapterConfig}`);
  const weights = await openWeights(folder, [adapterWeights], signal);
  const { changes, leftOut, renamed } = findChanges(
    weights,
    base,
    config,
    `${folder.label}/${adapterWeights}`,
  );
  const { takenOut } = config;
  if (takenOut !== 'none' && !takeOut)
    throw new StudioError('internal', `${folder.label} began as ${takenOut}, which is not computed here.`, {
      details: { file: adapterConfig },
    });

  const tensors = new Map(base.tensors);
  for (const [name, change] of changes) tensors.set(name, entryOf(name, change));

  const takenParts = new RecentParts();
  const takenFrom = async (
    name: string,
    { origin, shape }: Change,
    rank: number,
    scale: number,
    readSignal?: AbortSignal,
  ) => {
    const known = takenParts.get(name);
    // A matrix that the adapter holds whole was saved after the part had been taken out of it.
    if (known || takenOut === 'none' || !takeOut || origin.of === 'adapter') return known ?? null;
    const [rows = 0, columns = 0] = shape;
    const matrix = await base.readFloat32(origin.name, readSignal);
    throwIfCancelled(readSignal);
    const part = takeOut(takenOut, matrix, { tensor: name, rows, columns }, rank, scale);
    takenParts.set(name, part);
    return part;
  };
  const product = async (name: string, change: Change, readSignal?: AbortSignal): Promise<LowRank | null> => {
    if (!change.factors) return null;
    const low = await readFactors(change.factors, readSignal);
    throwIfCancelled(readSignal);
    const part = await takenFrom(name, change, low.rank, low.scale, readSignal);
    if (!part) return low;
    const likeness = cosine(low, part, low.rank);
    // Training moves the factors a little; those of another base, or of an adapter that was converted, are unrelated.
    if (!(likeness > 0.5))
      throw new StudioError(
        'mismatch',
        `${folder.label}: the factors of ${name} have little in common with what ${beginningNames[takenOut]} takes out of ${base.label} (cosine ${likeness.toFixed(3)}). Either the adapter was trained on another base, or it was converted to plain LoRA since: then init_lora_weights in ${adapterConfig} must be true.`,
        { details: { file: adapterConfig, tensor: name, value: likeness } },
      );
    return without(low, part, change.shape);
  };
  const readFactors = async (
    { a, b, rank, scale, turned }: Factors,
    readSignal?: AbortSignal,
  ): Promise<LowRank> => {
    const [ofA, ofB] = [await stored(a, readSignal), await stored(b, readSignal)];
    return turned
      ? { b: transposed(ofA, rank), a: transposed(ofB, b.shape[0] ?? 0), rank, scale }
      : { b: ofB, a: ofA, rank, scale };
  };
  const stored = async ({ name, dtype }: TensorEntry, readSignal?: AbortSignal) =>
    decodeFloat32(dtype as 'F32', await weights.readRaw(name, readSignal));

  const readFloat32 = async (name: string, readSignal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> => {
    const change = changes.get(name);
    if (!change) return base.readFloat32(name, readSignal);
    const from = change.origin.of === 'base' ? base : weights;
    const own = await from.readFloat32(change.origin.name, readSignal);
    const low = await product(name, change, readSignal);
    if (!low && !change.rows) return own;
    const made = own.slice();
    if (change.rows) {
      const rows = await weights.readFloat32(change.rows.tensor, readSignal);
      const width = rows.length / change.rows.indices.length;
      for (const [i, index] of change.rows.indices.entries())
        made.set(rows.subarray(i * width, (i + 1) * width), index * width);
    }
    return low ? addProduct(made, low) : made;
  };
  const readRaw = async (name: string, readSignal?: AbortSignal) => {
    const change = changes.get(name);
    if (!change) return base.readRaw(name, readSignal);
    if (isMade(change)) return new Uint8Array((await readFloat32(name, readSignal)).buffer);
    return (change.origin.of === 'base' ? base : weights).readRaw(change.origin.name, readSignal);
  };
  /** The tensor that is read in pieces at the moment: it is made once, not once a piece. */
  let streamed: { readonly name: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | null = null;

  const products = [...changes].filter(([, change]) => isProduct(change));
  return {
    label: folder.label,
    // Tokenizer and templates may lie beside an adapter; what does not is the base's.
    config: base.config,
    tensors,
    metadata: {},
    sizeBytes: [...tensors.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    findings: [
      ...marks,
      ...adapterFindings(folder.label, changes, takenOut),
      ...moduleFindings(folder.label, config, leftOut),
      ...(renamed.length > 0
        ? renamedModules(folder.label, base.label, renamed)
        : unprefixedNames(folder.label, weights.tensors.keys())),
      ...(await wholeModelBeside(folder, signal)),
    ],
    adapted: new Map(
      products.flatMap(([name, { factors, origin }]) => {
        if (!factors) return [];
        const { a, b, rank } = factors;
        const own = a.sizeBytes + b.sizeBytes;
        const taken = { rank: 2 * rank, sizeBytes: own + (base.tensors.get(origin.name)?.sizeBytes ?? 0) };
        return [[name, takenOut === 'none' ? { rank, sizeBytes: own } : taken]] as const;
      }),
    ),
    replaced: new Set([...changes].filter(([, change]) => !isProduct(change)).map(([name]) => name)),
    lowRank: async (name, readSignal) => {
      const change = changes.get(name);
      return change && isProduct(change) ? product(name, change, readSignal) : null;
    },
    readFloat32,
    readRaw,
    async readRange(name, begin, end, readSignal) {
      const change = changes.get(name);
      if (!change) return base.readRange(name, begin, end, readSignal);
      if (!isMade(change))
        return (change.origin.of === 'base' ? base : weights).readRange(
          change.origin.name,
          begin,
          end,
          readSignal,
        );
      if (streamed?.name !== name) streamed = { name, bytes: readRaw(name, readSignal) };
      const { bytes } = streamed;
      try {
        return (await bytes).slice(begin, end);
      } catch (thrown) {
        streamed = null;
        throw thrown;
      }
    },
    readText: async (path, readSignal, onFinding) =>
      (await readFolderText(folder, path, readSignal, undefined, onFinding)) ??
      base.readText(path, readSignal, onFinding),
  };

  function entryOf(name: string, change: Change): TensorEntry {
    const { origin, shape } = change;
    const from = (origin.of === 'base' ? base : weights).tensors.get(origin.name);
    const made = isMade(change);
    const file = made || origin.of === 'adapter' ? adapterWeights : (from?.file ?? adapterWeights);
    const dtype = made ? 'F32' : (from?.dtype ?? 'F32');
    const sizeBytes = made ? 4 * shape.reduce((all, size) => all * size, 1) : (from?.sizeBytes ?? 0);
    return { name, dtype, shape, sizeBytes, file };
  }
}

/** Its bytes lie in no file: they are computed. */
const isMade = ({ factors, rows }: Change): boolean => factors !== null || rows !== null;
/** Its difference from the base's tensor of the same name is a product of factors and nothing else. */
const isProduct = ({ factors, rows, origin }: Change): boolean =>
  factors !== null && rows === null && origin.of === 'base';

/** Parts that were taken out, the last ones: each takes a decomposition. */
class RecentParts {
  readonly #parts = new Map<string, Part>();
  #bytes = 0;

  get(name: string): Part | undefined {
    return this.#parts.get(name);
  }

  set(name: string, part: Part): void {
    this.#parts.set(name, part);
    this.#bytes += sizeOf(part);
    for (const [oldest, { a, b }] of this.#parts) {
      if (this.#bytes <= maxPartsBytes) break;
      this.#parts.delete(oldest);
      this.#bytes -= sizeOf({ a, b });
    }
  }
}

const maxPartsBytes = 256 * 2 ** 20;
const sizeOf = ({ a, b }: Part): number => a.byteLength + b.byteLength;
