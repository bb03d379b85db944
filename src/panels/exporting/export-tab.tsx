/** The merged checkpoint as files, and a report of what is in them. */
import { FileUp, FolderDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { notWhileExporting } from '../../state/actions/obstacles.ts';
import { exportFormats, sameFormat } from '../../state/export-formats.ts';
import { useStudio } from '../../state/store.ts';
import { FileButton } from '../../ui/file-button.tsx';
import { Select } from '../../ui/select.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './exporting.module.css';
import { ExportStatus } from './export-status.tsx';
import { FindingsToAccept } from './findings-to-accept.tsx';
import { canSaveToFolder } from './save.ts';
import { useSaving } from './saving.ts';

export function ExportTab(): ReactNode {
  const { status, note, summary, format } = useStudio((state) => state.exporting);
  const fixed = useStudio(notWhileExporting);
  const recipeObstacle = useObstacle(actions.openRecipe, null);
  const sessionObstacle = useObstacle(actions.openSession, null);
  const vlm = useStudio((state) => state.session?.models.vlm.label);
  const { exportMerged, setExportFormat } = useStudio.getState();
  const busy = status === 'exporting';
  const chosen = exportFormats.findIndex((row) => sameFormat(row.format, format));

  const { saved, asArchive, intoFolder } = useSaving((target) => exportMerged(target, format));

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
            options={exportFormats.map(({ label }, i) => ({ value: String(i), label }))}
            obstacle={fixed}
            testId={testIds.exportFormat}
            onChange={(value) => setExportFormat(exportFormats[Number(value)]?.format ?? format)}
          />
        </label>
        <ActionControl action={actions.saveRecipe} testId={testIds.saveRecipe} />
        <FileButton
          label="Open recipe…"
          icon={<FileUp />}
          accept=".json,.safetensors,.zip"
          obstacle={recipeObstacle}
          hint="Brings gates and settings back from a recipe.json, an exported .zip or exported weights (R)"
          testId={testIds.openRecipe}
          onFiles={(files) => attempt(useStudio.getState(), actions.openRecipe, files)}
        />
        <ActionControl action={actions.saveSession} testId={testIds.saveSession} />
        <FileButton
          label="Open session…"
          icon={<FileUp />}
          accept=".frism"
          obstacle={sessionObstacle}
          hint="Brings back everything that a .frism file holds: gates, settings, history, snapshots and measurements"
          testId={testIds.openSession}
          onFiles={([file]) => file && attempt(useStudio.getState(), actions.openSession, file)}
        />
      </div>
      <FindingsToAccept />
      <ExportStatus saved={saved} />
      {!busy && !note && !summary && (
        <p className={css.dim}>
          The export is a Hugging Face folder of {vlm ?? 'the VLM'}, merged with the gates and λ as they are
          now. Only the merged linear layers change.
        </p>
      )}
    </div>
  );
}
