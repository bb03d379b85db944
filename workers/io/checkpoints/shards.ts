/**
 * The files of a folder that hold a model's weights, headers read and checked: model.safetensors, or what the
 * index names, or shards whose names are complete without one. What is odd and does no harm becomes a finding;
 * what could be another model than the folder's is refused.
 */
import { StudioError } from '../../../core/errors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { isOtherWeights } from '../../../core/reading/other-weights.ts';
import { headerLength, parseHeader, type SafetensorsHeader } from '../../../core/safetensors/header.ts';
import { compareIndex, parseShardIndex } from '../../../core/safetensors/shard-index.ts';
import type { ByteSource, ModelFolder } from '../contract.ts';
import { readMarkedText } from './folder-text.ts';
import { indexFindings, someOf } from './shard-findings.ts';
import { refuseLayout, refuseWithoutWeights } from './no-weights.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';
/** A line of about 100 bytes a tensor. */
const maxIndexBytes = 32 * 2 ** 20;

export interface Shard {
  readonly file: string;
  readonly source: ByteSource;
  readonly header: SafetensorsHeader;
}

interface FoundShards {
  readonly shards: readonly Shard[];
  readonly findings: readonly Finding[];
}

export async function findShards(folder: ModelFolder, signal?: AbortSignal): Promise<FoundShards> {
  const listing = await folder.list?.(signal);
  const names = (listing?.files ?? []).filter((path) => !path.includes('/'));
  const { shards, findings } = await openShards(folder, names, signal);
  const read = new Set(shards.map(({ file }) => file));
  const others = names.filter((name) => /\.safetensors$/i.test(name) && !read.has(name));
  return {
    shards,
    findings: [...findings, ...besideFindings(folder.label, others, names.includes('adapter_config.json'))],
  };
}

async function openShards(
  folder: ModelFolder,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundShards> {
  // As in transformers, a single file wins over an index beside it.
  const single = await folder.open(singleFile, signal);
  if (single)
    return {
      shards: [await openShard(singleFile, single, signal)],
      findings: names.includes(indexFile) ? [besideIndex(folder.label)] : [],
    };
  const read = await readMarkedText(folder, indexFile, signal, maxIndexBytes);
  if (read !== null) {
    const { shards, findings } = await openIndexed(folder, read.text, signal);
    return { shards, findings: [...read.findings, ...findings] };
  }
  const numbered = numberedShards(folder.label, names);
  if (numbered) {
    const shards = await openAll(folder, numbered, 'whose name belongs to them', signal);
    return { shards, findings: [withoutIndex(folder.label, numbered)] };
  }
  return (await openLone(folder, names, signal)) ?? refuseWithoutWeights(folder, signal);
}

async function openIndexed(
  folder: ModelFolder,
  indexText: string,
  signal: AbortSignal | undefined,
): Promise<FoundShards> {
  const index = parseShardIndex(indexText, `${folder.label}/${indexFile}`);
  const shards = await openAll(folder, [...index.shards.keys()].sort(), 'which its index names', signal);
  const differences = compareIndex(index, new Map(shards.map(({ file, header }) => [file, header])));
  return { shards, findings: indexFindings(folder.label, index, differences) };
}

async function openAll(
  folder: ModelFolder,
  files: readonly string[],
  whose: string,
  signal: AbortSignal | undefined,
): Promise<Shard[]> {
  const shards: Shard[] = [];
  const places = new Map<string, string>();
  for (const file of files) {
    const source = await folder.open(file, signal);
    if (!source) {
      throw new StudioError(
        'missing',
        `${folder.label} has no ${file}, ${whose}. Download all ${files.length} shards.`,
        { details: { file } },
      );
    }
    const shard = await openShard(file, source, signal);
    for (const { name } of shard.header.tensors) {
      const other = places.get(name);
      if (other !== undefined)
        throw new StudioError(
          'bad-file',
          `${folder.label}: ${other} and ${file} both hold ${name}, and readers differ in which of them counts. Keep the tensor in one of them.`,
          { details: { file, tensor: name } },
        );
      places.set(name, file);
    }
    shards.push(shard);
  }
  return shards;
}

export async function openShard(
  file: string,
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<Shard> {
  const start = await source.read(0, Math.min(8, source.sizeBytes), signal);
  const length = headerLength(start, source.sizeBytes, source.name);
  return {
    file,
    source,
    header: parseHeader(await source.read(0, 8 + length, signal), source.sizeBytes, source.name),
  };
}

/** The files of one numbered set, all of which must be there; null where no file has a number. */
function numberedShards(label: string, names: readonly string[]): readonly string[] | null {
  const sets = new Map<string, { readonly count: number; readonly held: string[] }>();
  for (const name of names) {
    const [, begin, , total] = /^(.{0,200}?)(\d{5})-of-(\d{5})\.safetensors$/.exec(name) ?? [];
    if (begin === undefined || total === undefined || begin.startsWith('consolidated')) continue;
    const key = `${begin}*-of-${total}.safetensors`;
    const set = sets.get(key) ?? { count: Number(total), held: [] };
    set.held.push(name);
    sets.set(key, set);
  }
  const [only, another] = [...sets];
  if (!only) return null;
  if (another)
    throw new StudioError(
      'unsupported',
      `${label} has no ${indexFile}, and shards of several sets (${someOf([...sets.keys()])}), so nobody can say which of them are the model. Keep one set, or download the index.`,
      { details: { file: indexFile } },
    );
  const [pattern, { count, held }] = only;
  const present = new Set(held);
  const absent = Array.from({ length: Math.min(count, 99_999) }, (_, i) =>
    pattern.replace('*', () => String(i + 1).padStart(5, '0')),
  ).filter((file) => !present.has(file));
  if (absent.length > 0)
    throw new StudioError(
      'missing',
      `${label} has ${held.length} of ${count} shards and no ${indexFile}: ${someOf(absent)} ${absent.length === 1 ? 'is' : 'are'} not there. Download all shards.`,
      { details: { file: absent[0] ?? pattern } },
    );
  return held;
}

/** The only safetensors file of a folder, under whatever name, where its tensors can be a model's. */
async function openLone(
  folder: ModelFolder,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundShards | null> {
  const [file, another] = names.filter((name) => /\.safetensors$/i.test(name));
  if (file === undefined || another !== undefined || isOtherWeights(file)) return null;
  const source = await folder.open(file, signal);
  if (!source) return null;
  const shard = await openShard(file, source, signal);
  refuseLayout(folder.label, file, shard.header);
  return {
    shards: [shard],
    findings: [
      {
        code: 'weights-under-another-name',
        severity: 'warning',
        tensors: [],
        message: `${folder.label} has no ${singleFile}; its only safetensors file is ${file}.`,
        remedy: `That file is read. transformers opens it only as ${singleFile}: rename it where it is the whole model.`,
      },
    ],
  };
}

const withoutIndex = (label: string, files: readonly string[]): Finding => ({
  code: 'index-missing',
  severity: 'warning',
  tensors: [],
  message: `${label} has no ${indexFile}, but all ${files.length} shards that their names speak of.`,
  remedy: 'All of them are read. transformers needs the index; an export writes one.',
});

const besideIndex = (label: string): Finding => ({
  code: 'index-beside-single-file',
  severity: 'info',
  tensors: [],
  message: `${label} holds ${singleFile} and ${indexFile}.`,
  remedy: `${singleFile} is read and the index is not, as in transformers.`,
});

function besideFindings(label: string, others: readonly string[], hasAdapter: boolean): Finding[] {
  const weights = others.filter((name) => !name.startsWith('adapter_'));
  return [
    ...(weights.length === 0
      ? []
      : [
          {
            code: 'weights-not-read',
            severity: 'info',
            tensors: [],
            message: `${label} also holds ${someOf(weights)}, which ${weights.length === 1 ? 'is' : 'are'} not part of the model that its other files make.`,
            remedy: 'They are not read, as in transformers, and an export does not hold them.',
          } as const,
        ]),
    ...(hasAdapter
      ? [
          {
            code: 'adapter-beside-weights',
            severity: 'warning',
            tensors: [],
            message: `${label} holds a whole model and an adapter (adapter_config.json) beside it.`,
            remedy:
              'The whole model is read without the adapter. transformers with peft would open the adapter instead: keep each in a folder of its own.',
          } as const,
        ]
      : []),
  ];
}
