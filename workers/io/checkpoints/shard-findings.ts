/** What is said where an index and its shards disagree. The shards' own headers are right, as in transformers. */
import type { Finding } from '../../../core/family/pairing.ts';
import type { IndexDifferences, ShardIndex } from '../../../core/safetensors/shard-index.ts';

export function indexFindings(
  label: string,
  { unknown, hasMetadata }: Pick<ShardIndex, 'unknown' | 'hasMetadata'>,
  { unlisted, stale, moved }: IndexDifferences,
): Finding[] {
  const found = (code: string, tensors: readonly string[], message: string, remedy: string): Finding[] =>
    tensors.length === 0 ? [] : [{ code, severity: 'warning', tensors, message, remedy }];
  return [
    ...found(
      'index-unlisted-tensors',
      unlisted,
      `${label}: its index does not list ${counted(unlisted)} (${someOf(unlisted)}) that its shards hold.`,
      'They are read, as in transformers.',
    ),
    ...found(
      'index-stale-entries',
      stale,
      `${label}: its index lists ${counted(stale)} (${someOf(stale)}) that no shard holds.`,
      'The model is read without them; transformers would fill in random numbers where its architecture has such a tensor. Download the shards again if that is not meant.',
    ),
    ...found(
      'index-moved-tensors',
      moved,
      `${label}: ${counted(moved)} (${someOf(moved)}) lie${moved.length === 1 ? 's' : ''} in another shard than its index says.`,
      'They are read from where they are, as in transformers.',
    ),
    ...(unknown.length === 0
      ? []
      : [
          {
            code: 'index-keys-unknown',
            severity: 'info',
            tensors: [],
            message: `${label}: its index has keys that are not known here: ${someOf(unknown)}.`,
            remedy: 'They are not heeded.',
          } as const,
        ]),
    ...(hasMetadata
      ? []
      : [
          {
            code: 'index-without-metadata',
            severity: 'info',
            tensors: [],
            message: `${label}: its index has no metadata, without which transformers does not open the shards.`,
            remedy: 'It is read here, and an export writes an index with metadata.',
          } as const,
        ]),
  ];
}

const counted = ({ length }: readonly string[]): string => (length === 1 ? 'a tensor' : `${length} tensors`);

/** The first three of many names, each cut to a length that a message bears. */
export function someOf(names: readonly string[]): string {
  const few = names.slice(0, 3).map((name) => (name.length > 80 ? `${name.slice(0, 77)}…` : name));
  return names.length > 3 ? `${few.join(', ')} and ${names.length - 3} more` : few.join(', ');
}
