/** `__metadata__` of safetensors files that are written: what the files before them said, and what readers need. */
import { harmless, used, type ReadRules } from '../reading/rules.ts';

export const metadataRules: ReadRules = {
  file: '__metadata__ of a safetensors file',
  about: 'Texts in the header of a file with weights. An export keeps those of the VLM.',
  keys: {
    format: used('an export says pt where the VLM says none that transformers accepts'),
    frism_recipe: used('a file with it opens as a recipe; a new merge has its own'),
    frism_merge: used('how a merge without gates was made; a new merge has its own'),
  },
  others: harmless('no reader computes with it'),
};

type Metadata = Readonly<Record<string, string>>;

export interface JoinedMetadata {
  readonly metadata: Metadata;
  /** Keys on which files disagree; `metadata` has none of them. */
  readonly differing: readonly string[];
}

/** What can be said of all files together. A key that only some of them have is kept. */
export function joinMetadata(files: Iterable<Metadata>): JoinedMetadata {
  const joined = new Map<string, string>();
  const differing = new Set<string>();
  for (const file of files)
    for (const [key, value] of Object.entries(file)) {
      if (joined.has(key) && joined.get(key) !== value) differing.add(key);
      joined.set(key, value);
    }
  for (const key of differing) joined.delete(key);
  return { metadata: Object.fromEntries(joined), differing: [...differing] };
}

/** transformers 4 refuses a file with metadata whose `format` is none of these (`load_state_dict`). */
const formats = ['pt', 'tf', 'flax', 'mlx'];

export function withFormat(metadata: Metadata): Metadata {
  return formats.includes(metadata['format'] ?? '') ? metadata : { ...metadata, format: 'pt' };
}
