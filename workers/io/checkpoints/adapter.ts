/**
 * A PEFT folder with a LoRA adapter, read as the model that it makes of its base: every tensor of the base,
 * and where the adapter has factors W + s·B·A (s = α/r; Hu et al., "LoRA", 2021). The factors themselves can
 * be had too, for a decomposition that never forms the product.
 */
import { StudioError } from '../../../core/errors.ts';
import { parseLoraConfig } from '../../../core/family/adapter-config.ts';
import { linearName } from '../../../core/family/tensor-names.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { isFloatDtype } from '../../../core/safetensors/dtype.ts';
import { maxConfigBytes, openWeights, type Weights } from './checkpoint.ts';
import { readFolderText } from './folder-text.ts';
import type { Checkpoint, LowRank, ModelFolder, TensorEntry } from '../contract.ts';

export const adapterWeights = 'adapter_model.safetensors';
export const adapterConfig = 'adapter_config.json';

interface Module {
  readonly a: TensorEntry;
  readonly b: TensorEntry;
  readonly rank: number;
  readonly scale: number;
}

export async function isAdapter(folder: ModelFolder, signal?: AbortSignal): Promise<boolean> {
  return (
    (await folder.open(adapterConfig, signal)) !== null &&
    (await folder.open(adapterWeights, signal)) !== null
  );
}

export async function openAdapter(
  folder: ModelFolder,
  base: Checkpoint,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const text = await readFolderText(folder, adapterConfig, signal, maxConfigBytes);
  if (text === null)
    throw new StudioError('missing', `${folder.label} has no ${adapterConfig}.`, {
      details: { file: adapterConfig },
    });
  const config = parseLoraConfig(text, `${folder.label}/${adapterConfig}`);
  const weights = await openWeights(folder, [adapterWeights], signal);
  const modules = findModules(weights, base, config.scaling, `${folder.label}/${adapterWeights}`);

  const tensors = new Map(
    [...base.tensors].map(([name, entry]): [string, TensorEntry] => [
      name,
      modules.has(name)
        ? { ...entry, dtype: 'F32', sizeBytes: 4 * count(entry), file: adapterWeights }
        : entry,
    ]),
  );
  const factor = async (entry: TensorEntry, readSignal?: AbortSignal) =>
    decodeFloat32(entry.dtype as 'F32', await weights.readRaw(entry.name, readSignal));
  const lowRank = async (name: string, readSignal?: AbortSignal): Promise<LowRank | null> => {
    const module = modules.get(name);
    if (!module) return null;
    const [b, a] = [await factor(module.b, readSignal), await factor(module.a, readSignal)];
    return { b, a, rank: module.rank, scale: module.scale };
  };
  const readFloat32 = async (name: string, readSignal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> => {
    const own = await base.readFloat32(name, readSignal);
    const low = await lowRank(name, readSignal);
    return low ? addProduct(own.slice(), low) : own;
  };
  const readRaw = async (name: string, readSignal?: AbortSignal) =>
    modules.has(name)
      ? new Uint8Array((await readFloat32(name, readSignal)).buffer)
      : base.readRaw(name, readSignal);
  /** The tensor that is read in pieces at the moment: it is made once, not once a piece. */
  let streamed: { readonly name: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | null = null;
  return {
    label: folder.label,
    // Tokenizer and templates may lie beside an adapter; what does not is the base's.
    config: base.config,
    tensors,
    metadata: {},
    sizeBytes: [...tensors.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    adapted: new Map(
      [...modules].map(([name, { a, b, rank }]) => [name, { rank, sizeBytes: a.sizeBytes + b.sizeBytes }]),
    ),
    lowRank,
    readFloat32,
    readRaw,
    async readRange(name, begin, end, readSignal) {
      if (!modules.has(name)) return base.readRange(name, begin, end, readSignal);
      if (streamed?.name !== name) streamed = { name, bytes: readRaw(name, readSignal) };
      const { bytes } = streamed;
      try {
        return (await bytes).slice(begin, end);
      } catch (thrown) {
        streamed = null;
        throw thrown;
      }
    },
    readText: async (path, readSignal) =>
      (await readFolderText(folder, path, readSignal)) ?? base.readText(path, readSignal),
  };
}

const count = ({ shape }: TensorEntry): number => shape.reduce((product, size) => product * size, 1);

/**
 * By the base's tensor name. Factors of what is not a merged linear layer are left out, as those tensors of a
 * full model would be.
 */
function findModules(
  weights: Weights,
  base: Checkpoint,
  scaling: (module: string, rank: number) => number,
  file: string,
): ReadonlyMap<string, Module> {
  const byLayer = new Map(
    [...base.tensors.keys()].flatMap((name) =>
      linearName(name) ? [[linearName(name)?.id ?? '', name] as const] : [],
    ),
  );
  const modules = new Map<string, Module>();
  for (const a of weights.tensors.values()) {
    const match = /^(?:base_model\.model\.)?(.+)\.lora_A(?:\.default)?\.weight$/.exec(a.name);
    const module = match?.[1];
    if (module === undefined) continue;
    const b = weights.tensors.get(a.name.replace('lora_A', 'lora_B'));
    const id = linearName(`${module}.weight`)?.id;
    const target = (id !== undefined && byLayer.get(id)) || `${module}.weight`;
    const entry = base.tensors.get(target);
    if (!entry)
      throw new StudioError(
        'mismatch',
        `${file} adapts ${module}, which the base model ${base.label} does not have. An adapter needs the model that it was trained on as base.`,
        { details: { file, tensor: a.name } },
      );
    const [rank = 0, columns] = a.shape;
    const [rows, inner] = b?.shape ?? [];
    const fits =
      b &&
      a.shape.length === 2 &&
      b.shape.length === 2 &&
      rank > 0 &&
      inner === rank &&
      rows === entry.shape[0] &&
      columns === entry.shape[1] &&
      isFloatDtype(a.dtype) &&
      isFloatDtype(b.dtype);
    if (!fits) {
      const shapes = `A ${JSON.stringify(a.shape)} and B ${JSON.stringify(b?.shape ?? 'missing')}`;
      throw new StudioError(
        'mismatch',
        `${file}: the factors of ${module}, ${shapes}, do not make the base's ${JSON.stringify(entry.shape)}.`,
        { details: { file, tensor: a.name, value: shapes } },
      );
    }
    modules.set(target, { a, b, rank, scale: scaling(module, rank) });
  }
  // Saved whole by peft (modules_to_save): a difference from the base that is no product, and must not be
  // left out unsaid.
  const whole = [...weights.tensors.keys()].find(
    (name) => !name.includes('.lora_') && linearName(name.replace(/^base_model\.model\./, '')),
  );
  if (whole !== undefined)
    throw new StudioError(
      'unsupported',
      `${file} holds ${whole} whole, beside its factors (modules_to_save). Merge the adapter into its base model with peft first, and open the result.`,
      { details: { file, tensor: whole } },
    );
  if (modules.size === 0)
    throw new StudioError('bad-file', `${file} holds no LoRA factors (lora_A, lora_B) of linear layers.`, {
      details: { file },
    });
  return modules;
}

/** own + s·B·A in place, summed in float64. `own` [m, n], B [m, r], A [r, n]. */
function addProduct(
  own: Float32Array<ArrayBuffer>,
  { b, a, rank, scale }: LowRank,
): Float32Array<ArrayBuffer> {
  const columns = a.length / rank;
  const rows = b.length / rank;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * (b[row * rank + k] as number);
      const from = k * columns;
      for (let column = 0; column < columns; column++)
        sums[column] = (sums[column] as number) + factor * (a[from + column] as number);
    }
    const at = row * columns;
    for (let column = 0; column < columns; column++)
      own[at + column] = (own[at + column] as number) + (sums[column] as number);
  }
  return own;
}
