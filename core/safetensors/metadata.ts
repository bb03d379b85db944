/** `__metadata__` of safetensors files that are written: what the files before them said, and what readers need. */
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
