/** The log, and how the merge is exported. What the page said is a person's own, so the log is in no file. */
import * as v from 'valibot';
import type { ExportFormat } from '../../../protocol/engine.ts';
import { defaultFormat, exportFormats, sameFormat } from '../export-formats.ts';
import type { LogEntry } from '../records.ts';
import { part } from './part.ts';
import { list, real, text, whole } from './shapes.ts';

const mostLines = 500;
const mostText = 10_000;

const line: v.GenericSchema<unknown, LogEntry> = v.strictObject({
  at: real(0, 8.64e15),
  level: v.picklist(['info', 'warning', 'error']),
  text: text(mostText),
});

export const logPart = part({
  shape: v.strictObject({ lines: list(line, mostLines) }),
  keep: ({ log }) => ({
    lines: log
      .slice(-mostLines)
      .map((said) => (said.text.length > mostText ? { ...said, text: said.text.slice(0, mostText) } : said)),
  }),
  restore({ lines }, { context }) {
    context.set(({ log }) => {
      // Where compute was restarted, the page has said all of it itself.
      const began = log[0]?.at ?? Infinity;
      return { log: [...lines.filter(({ at }) => at < began), ...log].slice(-mostLines) };
    });
  },
});

const format: v.GenericSchema<unknown, ExportFormat> = v.variant('kind', [
  v.strictObject({ kind: v.literal('checkpoint'), maxShardBytes: v.nullable(whole()) }),
  v.strictObject({ kind: v.literal('adapter'), maxRank: v.nullable(whole(2 ** 17)) }),
]);

export const exportPart = part({
  shape: v.strictObject({ format }),
  keep: ({ exporting }) => ({ format: exporting.format }),
  restore({ format: kept }, { context }) {
    // Whoever wrote the session may have written any number; what the page does not show is not exported.
    const offered = exportFormats.find((row) => sameFormat(row.format, kept))?.format ?? defaultFormat;
    context.set(({ exporting }) => ({ exporting: { ...exporting, format: offered } }));
  },
});
