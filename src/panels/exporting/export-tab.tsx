/** The merged checkpoint as files, and a report of what is in them. */
import { Copy, FileUp, FolderDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ExportFormat } from '../../../protocol/engine.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { notWhileExporting } from '../../state/actions/obstacles.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { Select } from '../../ui/select.tsx';
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
  const fixed = useStudio(notWhileExporting);
  const recipeObstacle = useObstacle(actions.openRecipe, null);
  const vlm = useStudio((state) => state.session?.models.vlm.label);
  const [saved, setSaved] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const { exportMerged, notify } = useStudio.getState();
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
        <ActionControl
          action={actions.exportMerged}
          argument={null}
          label="Download .zip"
          hint="Downloads the merged model as one archive."
          tone="primary"
          press={() => void asArchive()}
          testId={testIds.exportButton}
        />
        {canSaveToFolder() && (
          <ActionControl
            action={actions.exportMerged}
            argument={null}
            label="Save to folder…"
            hint="Writes the merged model into a folder that you choose."
            icon={<FolderDown />}
            press={() => void intoFolder()}
            testId={testIds.exportFolderButton}
          />
        )}
        <label className={css.choice}>
          As
          <Select
            value={String(chosen)}
            options={formats.map(({ label }, i) => ({ value: String(i), label }))}
            obstacle={fixed}
            testId={testIds.exportFormat}
            onChange={(value) => setChosen(Number(value))}
          />
        </label>
        <FileButton
          label="Open recipe…"
          icon={<FileUp />}
          accept=".json,.safetensors"
          obstacle={recipeObstacle}
          hint="Brings gates and settings back from a recipe.json, or from exported weights (R)"
          testId={testIds.openRecipe}
          onFiles={(files) => attempt(useStudio.getState(), actions.openRecipe, files)}
        />
      </div>
      {busy && (
        <ProgressLine
          progress={progress}
          label={progress?.stage ?? 'Merging'}
          action={
            <ActionControl action={actions.cancelExport} icon={null} small testId={testIds.cancelExport} />
          }
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
              hint="Copies how this merge was made, as JSON. The recipe also travels inside the weights file."
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
