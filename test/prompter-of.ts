/** The text side of a model that has these files and is otherwise the demo's base. */
import { readModelSpec } from '../core/family/read-spec.ts';
import type { Prompter } from '../workers/nn/contract.ts';
import { loadPrompter } from '../workers/nn/prompter.ts';
import { readCheckpoint } from './checkpoint.ts';

export async function prompterOf(files: Readonly<Record<string, string>>): Promise<Prompter> {
  const base = await readCheckpoint('public/models/demo/base');
  const spec = readModelSpec(base.config, base.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const checkpoint = { ...base, label: 'm', readText: async (path: string) => files[path] ?? null };
  return loadPrompter(checkpoint, { ...spec, text: { ...spec.text, vocabSize: 1e7 } }, undefined, false);
}
