/** The two ways in which an export leaves the page, and what became of the last one. */
import { useState } from 'react';
import type { ExportReport, ExportTarget } from '../../../protocol/engine.ts';
import { useStudio } from '../../state/store.ts';
import { download, pickFolder } from './save.ts';

export interface Saving {
  /** “Downloaded.”, or where it was saved; null before. */
  readonly saved: string | null;
  readonly asArchive: () => Promise<void>;
  readonly intoFolder: () => Promise<void>;
}

export function useSaving(write: (target: ExportTarget) => Promise<ExportReport | null>): Saving {
  const [saved, setSaved] = useState<string | null>(null);
  return {
    saved,
    async asArchive() {
      setSaved(null);
      const report = await write({ kind: 'archive' });
      if (!report?.archive) return;
      download(report.archive as Blob, report.place);
      setSaved('Downloaded.');
    },
    async intoFolder() {
      setSaved(null);
      try {
        // First: a picker opens only while the click still counts.
        const directory = await pickFolder();
        const report = directory && (await write({ kind: 'folder', directory }));
        if (report) setSaved(`Saved in ${report.place}.`);
      } catch (thrown) {
        useStudio
          .getState()
          .notify(
            'error',
            `The folder could not be opened: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          );
      }
    },
  };
}
