/** How far an export is, what went wrong with it, or what was written. */
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { methodLabel } from '../../state/method-slice.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './exporting.module.css';

export function ExportStatus({ saved }: { readonly saved: string | null }): ReactNode {
  const { status, progress, error, note, summary } = useStudio((state) => state.exporting);
  const { notify } = useStudio.getState();
  const busy = status === 'exporting';
  return (
    <>
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
      {summary && (
        <div data-testid={testIds.exportSummary} className={css.body} style={{ padding: 0 }}>
          <p className={css.done}>
            {saved} {summary.method && `Merged by ${methodLabel(summary.method)}. `}
            {summary.changed} tensors changed, {summary.untouched} as in the VLM.
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
          {summary.findings.map(({ code, severity, message, remedy }) => (
            <Notice key={code} level={severity} testId={testIds.exportFinding(code)}>
              {message} {remedy}
            </Notice>
          ))}
          {summary.leftOut.length > 0 && (
            <details>
              <summary className={css.leftOut}>
                {summary.leftOut.length === 1
                  ? 'One file of the VLM was left out.'
                  : `${summary.leftOut.length} files of the VLM were left out.`}
              </summary>
              <ul className={css.reasons}>
                {summary.leftOut.map(({ name, why }) => (
                  <li key={name}>
                    <code>{name}</code>: {why}
                  </li>
                ))}
              </ul>
            </details>
          )}
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
      )}
    </>
  );
}
