/** The forms in which a merge can be exported. A new one is a row here. */
import type { ExportFormat } from '../../protocol/engine.ts';

const GB = 1e9;

export const defaultFormat: ExportFormat = { kind: 'checkpoint', maxShardBytes: null };

export const exportFormats: readonly { readonly label: string; readonly format: ExportFormat }[] = [
  { label: 'model, shards as in the VLM', format: defaultFormat },
  { label: 'model, shards up to 1 GB', format: { kind: 'checkpoint', maxShardBytes: GB } },
  { label: 'model, shards up to 5 GB', format: { kind: 'checkpoint', maxShardBytes: 5 * GB } },
  { label: 'LoRA adapter, exact', format: { kind: 'adapter', maxRank: null } },
  ...[8, 16, 32, 64].map((maxRank) => ({
    label: `LoRA adapter, rank ${maxRank}`,
    format: { kind: 'adapter', maxRank } as const,
  })),
];

export const sameFormat = (a: ExportFormat, b: ExportFormat): boolean =>
  a.kind === 'adapter'
    ? b.kind === 'adapter' && a.maxRank === b.maxRank
    : b.kind === 'checkpoint' && a.maxShardBytes === b.maxShardBytes;
