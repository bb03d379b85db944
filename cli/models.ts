/** A model as a command line names it: a folder, a single safetensors file, or a repository on the Hub. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../core/errors.ts';
import { readModelSpec } from '../core/family/read-spec.ts';
import type { PairedModel, Role } from '../core/family/trio.ts';
import { openAdapterOn } from '../workers/engine/opening/open-adapter.ts';
import { parseManifest } from '../workers/engine/opening/manifest.ts';
import { isAdapter } from '../workers/io/checkpoints/adapter.ts';
import { openCheckpoint } from '../workers/io/checkpoints/checkpoint.ts';
import { readFolderText } from '../workers/io/checkpoints/folder-text.ts';
import type { Checkpoint, ModelFolder } from '../workers/io/contract.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { memorySource } from '../workers/io/folders/memory-folder.ts';
import type { Context } from './command.ts';
import { isHubName, openHubFolder } from './hub.ts';
import { modelLabel } from './model-label.ts';
import { readTrioNames } from './options.ts';
import type { Given } from './usage.ts';

export interface NamedModel {
  readonly folder: ModelFolder;
  readonly checkpoint: Checkpoint;
}

/** What opening a model needs of its command. */
export type Opening = Pick<Context, 'signal'> & Partial<Context>;

/** @param base what an adapter is an adapter of; without one, an adapter is refused */
export async function openModel(
  path: string,
  { signal, onProgress }: Opening,
  base?: NamedModel,
): Promise<NamedModel> {
  const folder = isHubName(path) ? await openHubFolder(path, signal, onProgress) : await openFolder(path);
  const adapter = base !== undefined && (await isAdapter(folder, signal));
  return {
    folder,
    checkpoint: adapter
      ? await openAdapterOn(folder, base.checkpoint, signal)
      : await openCheckpoint(folder, signal),
  };
}

/** Base, VLM and reasoning model, the last a model or an adapter on the base. */
export async function openTrio(given: Given, opening: Opening): Promise<Readonly<Record<Role, NamedModel>>> {
  const names = readTrioNames(given);
  const places = names.manifest === null ? names : await foldersOf(names.manifest, opening.signal);
  const base = await openModel(places.base, opening);
  return {
    base,
    vlm: await openModel(places.vlm, opening),
    lrm: await openModel(places.lrm, opening, base),
  };
}

/** @param path of a manifest, or of the folder that it lies in */
async function foldersOf(path: string, signal: AbortSignal): Promise<Readonly<Record<Role, string>>> {
  const info = await stat(path).catch(() => null);
  const file = info?.isDirectory() ? join(path, 'manifest.json') : path;
  const text = await readFolderText(nodeDirectory(dirname(file)), basename(file), signal);
  if (text === null)
    throw new StudioError('missing', `There is no manifest at ${file}.`, { details: { file } });
  const { base, vlm, lrm } = parseManifest(text, file).models;
  const beside = (name: string): string => join(dirname(file), name);
  return { base: beside(base), vlm: beside(vlm), lrm: beside(lrm) };
}

/** “owner/name” of what can only be a repository: its page, or two names where there is no such folder. */
const hubNameIn = (path: string): string | null =>
  /^(?:https?:\/\/[^/]+\/)?([\w-][\w.-]*\/[\w.-]+)(?:\/tree\/\w+)?\/?$/.exec(path)?.[1] ?? null;

/**
 * A folder without config.json is read as tensors of an unknown architecture: spectra and merges need no
 * more.
 */
async function openFolder(path: string): Promise<ModelFolder> {
  const full = resolve(path);
  const info = await stat(full).catch((cause: unknown) => {
    const hub = hubNameIn(path);
    throw new StudioError(
      'missing',
      `There is nothing at ${path.includes('://') ? path : full}.${hub === null ? '' : ` If a repository on the Hub is meant, name it hub:${hub}.`}`,
      { details: { file: full }, cause },
    );
  });
  if (!info.isDirectory() && /\.(?:json|txt|jinja|model|md)$/i.test(full))
    throw new StudioError(
      'bad-request',
      `${full} is a file beside a model’s weights. Name the folder that holds it: ${dirname(full)}.`,
      { details: { file: full } },
    );
  const label = modelLabel(full);
  const directory = nodeDirectory(info.isDirectory() ? full : dirname(full), label);
  const weights = info.isDirectory() ? null : basename(full);
  return {
    label,
    // A file that is named stands alone.
    ...(weights === null && directory.list && { list: directory.list }),
    async open(asked, signal) {
      if (weights !== null && asked === 'model.safetensors') return directory.open(weights, signal);
      if (weights !== null && asked.endsWith('.safetensors.index.json')) return null;
      const found = await directory.open(asked, signal);
      return !found && asked === 'config.json'
        ? memorySource(`${path}/config.json (absent)`, new TextEncoder().encode('{}'))
        : found;
    },
  };
}

export function asPaired({ checkpoint }: NamedModel): PairedModel {
  return {
    label: checkpoint.label,
    spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()),
    config: checkpoint.config,
    tensors: checkpoint.tensors,
    adapted: checkpoint.adapted,
    dequantised: checkpoint.dequantised,
  };
}
