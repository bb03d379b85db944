/** The merged checkpoint as files, and a report of what is in them. */
import { Copy, Download, FileUp, FolderDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ExportFormat } from '../../../protocol/engine.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './exporting.module.css';
import { canSaveToFolder, download, pickFolder } from './save.ts';

const GB = 1e9;
const formats: readonly { readonly label: string; readonly format: ExportFormat }[] = [
  { label: 'model, shards as in the VLM', format: { kind: 'checkpoint', maxShardBytes: null } },
  { label: 'model, shards up to 1 GB', format: { kind: 'checkpoint', maxShardBytes: GB } },
  { label: 'model, shards up to 5 GB', format: { kind: 'checkpoint', maxShardBytes: 5 * GB } },
  { label: 'LoRA adapter, exact', format: { kind: 'adapter', maxRank: null } },
  ...[8, 16, 32, 64].map((maxRank) => ({
    label: `LoRA adapter, rank ${maxRank}`,
    format: { kind: 'adapter', maxRank } as const,
  })),
];

export function ExportTab(): ReactNode {
  const { status, progress, error, note, summary } = useStudio((state) => state.exporting);
  const ready = useStudio((state) => state.session !== null && state.connection.status === 'ready');
  const vlm = useStudio((state) => state.session?.models.vlm.label);
  const [saved, setSaved] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const { exportMerged, cancelExport, notify, openRecipe } = useStudio.getState();
  const busy = status === 'exporting';
  const format = formats[chosen]?.format ?? { kind: 'checkpoint', maxShardBytes: null };

  async function asArchive(): Promise<void> {
    setSaved(null);
    const report = await exportMerged({ kind: 'archive' }, format);
    if (!report?.archive) return;
    download(report.archive as Blob, report.place);
    setSaved('Downloaded.');
  }

  async function intoFolder(): Promise<void> {
    setSaved(null);
    try {
      // First: a picker opens only while the click still counts.
      const directory = await pickFolder();
      const report = directory && (await exportMerged({ kind: 'folder', directory }, format));
      if (report) setSaved(`Saved in ${report.place}.`);
    } catch (thrown) {
      notify(
        'error',
        `The folder could not be opened: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      );
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
          onClick={() => void asArchive()}
        />
        {canSaveToFolder() && (
          <Button
            label="Save to folder…"
            icon={<FolderDown />}
            disabled={!ready || busy}
            testId={testIds.exportFolderButton}
            onClick={() => void intoFolder()}
          />
        )}
        <label className={css.choice}>
          As
          <select
            value={chosen}
            disabled={busy}
            data-testid={testIds.exportFormat}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {formats.map(({ label }, i) => (
              <option key={label} value={i}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <FileButton
          label="Open recipe…"
          icon={<FileUp />}
          accept=".json,.safetensors"
          disabled={busy}
          hint="Gates and settings back from a recipe.json or from exported weights (R)"
          testId={testIds.openRecipe}
          onFiles={(files) => void openRecipe(files)}
        />
      </div>
      {busy && (
        <ProgressLine
          progress={progress}
          label={progress?.stage ?? 'Merging'}
          action={<Button label="Cancel" small testId={testIds.cancelExport} onClick={cancelExport} />}
        />
      )}
      {note && (
        <Notice level="info" testId={testIds.exportNote}>
          {note}
        </Notice>
      )}
      {error && (
        <Notice level="error" testId={testIds.exportError}>
          {error.message}
        </Notice>
      )}
      {summary ? (
        <div data-testid={testIds.exportSummary} className={css.body} style={{ padding: 0 }}>
          <p className={css.done}>
            {saved} {summary.changed} tensors changed, {summary.untouched} as in the VLM.
            {summary.energyKept !== null &&
              ` The adapter keeps ${(100 * summary.energyKept).toFixed(2)} % of the change's energy.`}
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
        !busy &&
        !note && (
          <p className={css.dim}>
            A Hugging Face folder of {vlm ?? 'the VLM'} with the gates and λ as they are now. Only the merged
            linear layers change.
          </p>
        )
      )}
    </div>
  );
}
