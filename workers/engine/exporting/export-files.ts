/**
 * The files beside the weights that loading and sharing an exported model takes, copied from the VLM unchanged by
 * the rules of core/reading/folder-rules.ts. Whatever is not copied is named.
 */
import { isLicenceFile, ruleOf, usualFiles, type PassedOver } from '../../../core/reading/folder-rules.ts';
import type { ByteSource, Checkpoint, ModelFolder, OutputFolder } from '../../io/contract.ts';
import { readDraftName } from '../../io/output/draft-name.ts';
import { copyFile, shardFiles } from '../../io/output/write-weights.ts';

export interface CarriedFiles {
  readonly copied: readonly { readonly path: string; readonly source: ByteSource }[];
  readonly leftOut: readonly PassedOver[];
  /** False where the folder cannot say what it holds: then only usual names were asked for. */
  readonly isListed: boolean;
}

const maxBytes = 128 * 2 ** 20;
/** What every file system can hold: no control characters, nothing that one of them reserves. */
const plainName =
  /^(?:[\p{L}\p{N}_][\p{L}\p{N}_ .+@()-]{0,199}\/)*[\p{L}\p{N}_.][\p{L}\p{N}_ .+@()-]{0,199}$/u;

/** @param only `licences` for an adapter, beside which everything else comes with the VLM itself */
export async function findCarriedFiles(
  folder: ModelFolder,
  checkpoint: Checkpoint,
  only: 'all' | 'licences',
  signal: AbortSignal,
): Promise<CarriedFiles> {
  const listing = await folder.list?.(signal);
  const code = codeFiles(checkpoint.config);
  const weights = new Set(shardFiles(checkpoint));
  const copied: { path: string; source: ByteSource }[] = [];
  const leftOut: PassedOver[] = [];
  const taken = new Set<string>();

  for (const path of listing?.files ?? new Set([...usualFiles, ...code])) {
    const { exported, why } = ruleOf(path);
    if (only === 'licences' && !isLicenceFile(path)) continue;
    if (exported === 'written' && weights.has(path)) continue;
    if (exported !== 'copied') leftOut.push({ name: path, why });
    else if (!plainName.test(path))
      leftOut.push({ name: path, why: 'its name cannot be written everywhere' });
    else if (taken.has(path.toLowerCase()))
      leftOut.push({ name: path, why: 'another file has this name but for capital letters' });
    else {
      const source = await folder.open(path, signal);
      if (source && source.sizeBytes > maxBytes)
        leftOut.push({
          name: path,
          why: `it is ${source.sizeBytes} bytes long, and a file beside weights has at most ${maxBytes}`,
        });
      else if (source) {
        taken.add(path.toLowerCase());
        copied.push({ path, source });
      }
    }
  }
  if (only === 'all') {
    // An output that is being written within the folder is no part of the model.
    leftOut.push(
      ...(listing?.passedOver ?? []).filter(({ name }) => !readDraftName(name.replace(/\/$/, ''))),
    );
    for (const path of code)
      if (!taken.has(path.toLowerCase()))
        leftOut.push({
          name: path,
          why: 'config.json names it (auto_map), and the VLM’s folder does not have it',
        });
  }
  return { copied, leftOut, isListed: listing !== undefined };
}

/**
 * config.json comes last: without it no program takes a folder for a model, so that one cut short is taken for none.
 * @returns the files copied
 */
export async function copyCarriedFiles(
  { copied }: CarriedFiles,
  output: OutputFolder,
  signal: AbortSignal,
): Promise<string[]> {
  const isConfig = ({ path }: { readonly path: string }): boolean => path === 'config.json';
  const ordered = [...copied.filter((file) => !isConfig(file)), ...copied.filter(isConfig)];
  for (const { path, source } of ordered) await copyFile(source, output, path, signal);
  return ordered.map(({ path }) => path);
}

/** The modules beside config.json that its `auto_map` names; those of another repository (`--`) are not here. */
function codeFiles(config: unknown): string[] {
  const map = (config as { auto_map?: unknown } | null)?.auto_map;
  if (typeof map !== 'object' || map === null) return [];
  const names = Object.values(map).flat().slice(0, 100);
  const modules = names.flatMap((name) =>
    typeof name === 'string' ? (/^(\w{1,100})\.\w+$/.exec(name)?.[1] ?? []) : [],
  );
  return [...new Set(modules)].map((module) => `${module}.py`);
}
