/** What an adapter does to each tensor of its base, from headers alone. */
import { StudioError } from '../../../core/errors.ts';
import { mergeFirst, type LoraConfig } from '../../../core/family/adapter-config.ts';
import { sortAdapterTensors, type FactorNames } from '../../../core/family/adapter-tensors.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { linearName, tensorPart } from '../../../core/family/tensor-names.ts';
import { isFloatDtype } from '../../../core/safetensors/dtype.ts';
import type { Checkpoint, TensorEntry } from '../contract.ts';
import type { Weights } from './checkpoint.ts';

export interface Factors {
  readonly a: TensorEntry;
  readonly b: TensorEntry;
  readonly rank: number;
  readonly scale: number;
  /** Stored by the columns of the product, as peft stores those of embeddings: A [rank, rows], B [columns, rank]. */
  readonly turned: boolean;
}

/** The tensor is its origin, with some rows replaced, plus the product of the factors. */
export interface Change {
  readonly origin:
    { readonly of: 'base'; readonly name: string } | { readonly of: 'adapter'; readonly name: string };
  readonly rows: { readonly tensor: string; readonly indices: readonly number[] } | null;
  readonly factors: Factors | null;
  /** As it is in the model that the adapter makes. */
  readonly shape: readonly number[];
}

/** Where a tied head becomes a tensor of its own. */
const ownHead = 'lm_head.weight';

export interface AdapterChanges {
  /** By the name of the tensor in the model that the adapter makes of the base. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Modules whose factors are in the file, and which adapter_config.json does not name. */
  readonly leftOut: readonly string[];
  /** Modules that are named as in a vision-language model, where the base is a language model by itself. */
  readonly renamed: readonly string[];
}

/**
 * Throws StudioError for whatever fits no tensor of the base, or would give a model that cannot be computed.
 */
export function findChanges(
  weights: Weights,
  base: Checkpoint,
  config: LoraConfig,
  file: string,
): AdapterChanges {
  const refuse = (code: 'mismatch' | 'unsupported' | 'bad-file', message: string, tensor: string): never => {
    throw new StudioError(code, `${file} ${message}`, { details: { file, tensor } });
  };
  const sorted = sortAdapterTensors(weights.tensors.keys(), file);
  if (sorted.factors.length === 0)
    refuse('bad-file', 'holds no LoRA factors (lora_A, lora_B).', [...weights.tensors.keys()][0] ?? '');
  if (config.tokenIndices !== null && sorted.rows.length === 0)
    refuse(
      'bad-file',
      'holds no rows of an embedding, which trainable_token_indices in adapter_config.json promises. Take both files from one saved adapter.',
      '',
    );
  const find = finder(base);
  const tied = tiedEmbedding(base);
  const changes = new Map<string, Change>();

  /** What a name of the adapter stands for: a tensor of the base, or the head that is the embedding there. */
  const place = (name: string, tensor: string): { readonly target: string; readonly entry: TensorEntry } => {
    const entry = find(name);
    if (entry) return { target: entry.name, entry };
    if (tied && tensorPart(name) === 'head' && name.endsWith('.weight')) {
      if (config.takenOut !== 'none')
        refuse(
          'unsupported',
          `changes the output head, which is the base's embedding (tied), and its beginning (${config.takenOut}) took a part out of both. ${mergeFirst}`,
          tensor,
        );
      return { target: ownHead, entry: tied };
    }
    return refuse(
      'mismatch',
      `adapts ${name.replace(/\.weight$/, '')}, which the base model ${base.label} does not have. An adapter needs the model that it was trained on as base.`,
      tensor,
    );
  };
  const change = (target: string, entry: TensorEntry, more: Partial<Change>): void => {
    const known = changes.get(target) ?? {
      origin: { of: 'base', name: entry.name } as const,
      rows: null,
      factors: null,
      shape: entry.shape,
    };
    changes.set(target, { ...known, ...more });
  };

  for (const { tensor, name } of sorted.whole) {
    const stored = weights.tensors.get(tensor) as TensorEntry;
    const { target, entry } = place(name, tensor);
    if (linearName(target))
      refuse(
        'unsupported',
        `holds ${tensor} whole, beside its factors (modules_to_save): a change that is no product of factors. ${mergeFirst}`,
        tensor,
      );
    if (!sameShape(stored.shape, entry.shape) || !isFloatDtype(stored.dtype))
      refuse(
        'mismatch',
        `holds ${tensor} as ${stored.dtype} ${JSON.stringify(stored.shape)}, where the base model ${base.label} has ${JSON.stringify(entry.shape)}: its vocabulary was resized, or it belongs to another model. ${mergeFirst}`,
        tensor,
      );
    change(target, entry, { origin: { of: 'adapter', name: tensor } });
  }
  for (const { tensor, name } of sorted.rows) {
    const stored = weights.tensors.get(tensor) as TensorEntry;
    const { target, entry } = place(name, tensor);
    const indices = config.tokenIndices?.(name.replace(/\.weight$/, ''));
    const [count = 0, columns] = entry.shape;
    const fits =
      indices &&
      stored.shape.length === 2 &&
      stored.shape[0] === indices.length &&
      stored.shape[1] === columns &&
      indices.every((index) => index < count) &&
      isFloatDtype(stored.dtype);
    if (!fits)
      refuse(
        'mismatch',
        `holds ${tensor} as ${JSON.stringify(stored.shape)}, which does not fit the tokens that trainable_token_indices names, or the base's ${JSON.stringify(entry.shape)}.`,
        tensor,
      );
    change(target, entry, { rows: { tensor, indices: indices ?? [] } });
  }
  const promised = missingWhole(config.savedWhole, base, tied, changes);
  if (promised)
    refuse(
      'bad-file',
      `does not hold ${promised.module}, which modules_to_save in adapter_config.json says (${promised.name}) was trained and saved whole. peft cannot load such an adapter either. Take both files from one saved adapter; if the module was never trained, take its name out of modules_to_save.`,
      promised.module,
    );
  const isLoaded = ({ module }: FactorNames): boolean => config.loads?.(module) ?? true;
  const loaded = sorted.factors.filter(isLoaded);
  if (loaded.length === 0)
    refuse(
      'bad-file',
      `holds factors of no module that adapter_config.json names (target_modules). Take both files from one saved adapter.`,
      sorted.factors[0]?.a ?? sorted.factors[0]?.b ?? '',
    );
  for (const names of loaded) {
    const tensor = names.a ?? names.b ?? '';
    const { target, entry } = place(`${names.module}.weight`, tensor);
    if (changes.get(target)?.factors)
      refuse('bad-file', `has two pairs of factors for ${target}; one of them must go.`, tensor);
    const factors = checkFactors(weights, names, entry, config, (message) =>
      refuse('mismatch', message, tensor),
    );
    if (names.embedding && config.takenOut !== 'none')
      refuse(
        'unsupported',
        `changes an embedding, which cannot begin as ${config.takenOut}. ${mergeFirst}`,
        tensor,
      );
    change(target, entry, { factors });
  }
  // peft changes the embedding alone, and the head keeps the base's (peft ties token rows again, but nothing else).
  const own = tied && changes.get(tied.name);
  if (own && (own.factors || own.origin.of === 'adapter') && !changes.has(ownHead)) change(ownHead, tied, {});
  const leftOut = sorted.factors.filter((names) => !isLoaded(names)).map(({ module }) => module);
  const inText = /(?:^|\.)(?:language_model|text_model)\./;
  const renamed = [...base.tensors.keys()].some((name) => inText.test(name))
    ? []
    : loaded.map(({ module }) => module).filter((module) => inText.test(module));
  return { changes, leftOut, renamed };
}

/** A module of the base that peft would look for in the file, and which is not in there; peft compares ends of names. */
function missingWhole(
  names: readonly string[],
  base: Checkpoint,
  tied: TensorEntry | null,
  changes: ReadonlyMap<string, Change>,
): { readonly module: string; readonly name: string } | null {
  if (names.length === 0) return null;
  const isWhole = (tensor: string): boolean => changes.get(tensor)?.origin.of === 'adapter';
  // A head that is the embedding counts as saved where the embedding is.
  const head = tied && !base.tensors.has(ownHead) && !isWhole(tied.name) ? [ownHead] : [];
  for (const tensor of [...base.tensors.keys(), ...head]) {
    if (isWhole(tensor)) continue;
    const parts = tensor.split('.').slice(0, -1);
    for (; parts.length > 0; parts.pop()) {
      const module = parts.join('.');
      const name = names.find((end) => module.endsWith(end));
      if (name !== undefined) return { module, name };
    }
  }
  return null;
}

function checkFactors(
  weights: Weights,
  { module, a: nameA, b: nameB, embedding }: FactorNames,
  entry: TensorEntry,
  config: LoraConfig,
  refuse: (message: string) => never,
): Factors {
  if (nameA === null || nameB === null)
    return refuse(
      `holds ${nameA ?? nameB ?? ''} and no ${nameA === null ? 'lora_A' : 'lora_B'} for ${module}. A change is the product of both factors, so that half of it says nothing: the file was cut when it was written or converted. Download the adapter again, or save it again with peft's save_pretrained.`,
    );
  const a = weights.tensors.get(nameA);
  const b = weights.tensors.get(nameB);
  const [rank = 0, inner] = a?.shape ?? [];
  const [outer, other] = b?.shape ?? [];
  const [rows, columns] = embedding ? [inner, outer] : [outer, inner];
  const fits =
    a?.shape.length === 2 &&
    b?.shape.length === 2 &&
    entry.shape.length === 2 &&
    rank > 0 &&
    other === rank &&
    rows === entry.shape[0] &&
    columns === entry.shape[1] &&
    isFloatDtype(a.dtype) &&
    isFloatDtype(b.dtype);
  if (!fits) {
    const shape = (one: TensorEntry | undefined) => JSON.stringify(one?.shape ?? 'missing');
    return refuse(
      `holds factors of ${module}, A ${shape(a)} and B ${shape(b)}, that do not make the base's ${JSON.stringify(entry.shape)}. Give the base that the adapter was trained on.`,
    );
  }
  return { a, b, rank, scale: config.scaling(module, rank), turned: embedding };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

const textPrefix = /^(?:(?:model\.)?(?:text_model|language_model)\.(?:model\.)?|model\.)/;

/**
 * Modules and tensors of one layer can have other names in front: transformers 4.52 moved the language model
 * of many classes, and files kept theirs.
 */
function finder({ tensors }: Checkpoint): (name: string) => TensorEntry | undefined {
  const canonical = (name: string): string | null => {
    const linear = linearName(name) ?? linearName(name.replace(/\.bias$/, '.weight'));
    if (linear) return `${linear.id}${/\.[a-z]+$/.exec(name)?.[0] ?? ''}`;
    return tensorPart(name) === 'vision' ? null : name.replace(textPrefix, '');
  };
  const byPlace = new Map<string, TensorEntry>();
  for (const entry of tensors.values()) {
    const place = canonical(entry.name);
    if (place !== null && !byPlace.has(place)) byPlace.set(place, entry);
  }
  return (name) =>
    tensors.get(name) ??
    byPlace.get(canonical(name) ?? '') ??
    tensors.get(name.replace(/^model\./, '')) ??
    tensors.get(`model.${name}`);
}

/** The embedding where it is the output head as well. */
function tiedEmbedding({ config, tensors }: Checkpoint): TensorEntry | null {
  const spec = readModelSpec(config, tensors.keys());
  if (spec.kind === 'unknown' || spec.names.head !== null) return null;
  return tensors.get(spec.names.embedding) ?? null;
}
