/** The merged checkpoint as files, and a report of what is in them. */
import { Copy, Download, FolderDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ProgressLine } from '../../ui/ProgressLine.tsx';
import { testIds } from '../../ui/testIds.ts';
import css from './Exporting.module.css';
import { canSaveToFolder, downloadZip, pickFolder, saveToFolder } from './save.ts';

const NAME = 'frism-merged';

export function ExportTab(): ReactNode {
  const { status, progress, error, summary } = useStudio((state) => state.exporting);
  const ready = useStudio((state) => state.session !== null && state.connection.status === 'ready');
  const vlm = useStudio((state) => state.session?.models.vlm.label);
  const [saved, setSaved] = useState<string | null>(null);
  const { exportMerged, cancelExport, notify } = useStudio.getState();
  const busy = status === 'exporting';

  /** `choose` runs first: a picker opens only while the click still counts. */
  async function save<T>(choose: () => Promise<T | null>, write: (target: T, files: Parameters<typeof downloadZip>[0]) => Promise<void> | void, done: string): Promise<void> {
    setSaved(null);
    try {
      const target = await choose();
      if (target === null) return;
      const report = await exportMerged();
      if (!report) return;
      await write(target, report.files);
      setSaved(done);
    } catch (thrown) {
      notify('error', `The files were not saved: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  return (
    <div className={css.body}>
      <div className={css.row}>
        <Button
          label="Download .zip"
          icon={<Download />}
          tone="primary"
          disabled={!ready || busy}
          testId={testIds.exportButton}
          onClick={() => void save(() => Promise.resolve(NAME), (name, files) => downloadZip(files, name), 'Downloaded.')}
        />
        {canSaveToFolder() && (
          <Button label="Save to folder…" icon={<FolderDown />} disabled={!ready || busy} onClick={() => void save(pickFolder, saveToFolder, 'Saved.')} />
        )}
      </div>
      {busy && <ProgressLine progress={progress} label={progress?.stage ?? 'Merging'} action={<Button label="Cancel" small onClick={cancelExport} />} />}
      {error && <Notice level="error">{error.message}</Notice>}
      {summary ? (
        <div data-testid={testIds.exportSummary} className={css.body} style={{ padding: 0 }}>
          <p className={css.done}>
            {saved} {summary.changed} tensors changed, {summary.untouched} as in the VLM.
          </p>
          <ul className={css.files}>
            {summary.files.map(({ path, sizeBytes }) => (
              <li key={path}>
                <span title={path}>{path}</span>
                <span>{formatBytes(sizeBytes)}</span>
              </li>
            ))}
          </ul>
          <div className={css.row}>
            <Button
              label="Copy recipe"
              icon={<Copy />}
              small
              hint="How this merge was made, as JSON; it also travels inside the weights file"
              onClick={() =>
                void navigator.clipboard.writeText(summary.recipe).then(
                  () => notify('info', 'Recipe copied.'),
                  () => notify('warning', 'The browser did not allow copying.'),
                )
              }
            />
          </div>
        </div>
      ) : (
        !busy && <p className={css.dim}>A Hugging Face folder of {vlm ?? 'the VLM'} with the gates and λ as they are now. Only the merged linear layers change.</p>
      )}
    </div>
  );
}
