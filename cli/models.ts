/** A model as a command line names it: a folder, or a single safetensors file. */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { StudioError } from '../src/core/errors.ts';
import { readModelSpec } from '../src/core/family/read-spec.ts';
import type { PairedModel } from '../src/core/family/trio.ts';
import { openCheckpoint } from '../workers/io/checkpoint.ts';
import type { Checkpoint, ModelFolder } from '../workers/io/contract.ts';
import { nodeDirectory } from '../workers/io/directory.node.ts';
import { memorySource } from '../workers/io/memory-folder.ts';

export interface NamedModel {
  readonly folder: ModelFolder;
  readonly checkpoint: Checkpoint;
}

export async function openModel(path: string, signal: AbortSignal): Promise<NamedModel> {
  const folder = await openFolder(path);
  return { folder, checkpoint: await openCheckpoint(folder, signal) };
}

/** A folder without config.json is read as tensors of an unknown architecture: spectra and merges need no more. */
async function openFolder(path: string): Promise<ModelFolder> {
  const full = resolve(path);
  const info = await stat(full).catch((cause: unknown) => {
    throw new StudioError('missing', `There is nothing at ${full}.`, { details: { file: full }, cause });
  });
  const directory = nodeDirectory(info.isDirectory() ? full : dirname(full), path);
  const weights = info.isDirectory() ? null : basename(full);
  return {
    label: path,
    async open(asked, signal) {
      if (weights !== null && asked === 'model.safetensors') return directory.open(weights, signal);
      if (weights !== null && asked.endsWith('.safetensors.index.json')) return null;
      const found = await directory.open(asked, signal);
      return !found && asked === 'config.json' ? memorySource(`${path}/config.json (absent)`, new TextEncoder().encode('{}')) : found;
    },
  };
}

export function asPaired({ checkpoint }: NamedModel): PairedModel {
  return { label: checkpoint.label, spec: readModelSpec(checkpoint.config, checkpoint.tensors.keys()), tensors: checkpoint.tensors };
}
