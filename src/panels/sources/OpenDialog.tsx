/** Choosing three checkpoints of one's own. What is open stays open until the new three have been read and paired. */
import { useState, type ReactNode } from 'react';
import type { FolderSource, Role } from '../../protocol/session.ts';
import { isRunActive } from '../../state/runSlice.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { testIds } from '../../ui/testIds.ts';
import { demoSource } from './demo.ts';
import { FolderSlot } from './FolderSlot.tsx';
import { LoadProgress } from './LoadProgress.tsx';
import { obviousProblem } from './folder.ts';
import { misplaced, sightOf, type Sight } from './roles.ts';
import css from './Sources.module.css';

const slots: readonly { role: Role; title: string; what: string }[] = [
  { role: 'base', title: 'Base', what: 'The language model that the other two were fine-tuned from, for example Qwen2.5-0.5B.' },
  { role: 'vlm', title: 'VLM', what: 'The vision-language model whose language part descends from that base. It is what you get back, merged.' },
  { role: 'lrm', title: 'LRM', what: 'The reasoning model fine-tuned from the same base. Its difference to the base is what is merged.' },
];

export function OpenDialog(): ReactNode {
  const [folders, setFolders] = useState<Partial<Record<Role, FolderSource>>>({});
  const [sights, setSights] = useState<Partial<Record<Role, Sight>>>({});
  const load = useStudio((state) => state.load);
  const active = useStudio((state) => isRunActive(state.run));
  const { open, showDialog } = useStudio.getState();
  // A failure of the last time the dialog was open concerns folders that are no longer chosen.
  const [earlierError] = useState(load.error);
  const loading = load.status === 'loading';
  const { base, vlm, lrm } = folders;
  const wrongAt = (role: Role): string | null => (folders[role] ? misplaced(role, sights) : null);
  const sound = [base, vlm, lrm].every((folder) => folder && !obviousProblem(folder)) && slots.every(({ role }) => wrongAt(role) === null);
  const choose = (role: Role, folder: FolderSource): void => {
    setFolders((now) => ({ ...now, [role]: folder }));
    setSights((now) => ({ ...now, [role]: 'unknown' }));
    void sightOf(folder).then((sight) => setSights((now) => ({ ...now, [role]: sight })));
  };
  const chosen = base && vlm && lrm;
  const reason = active ? 'Stop the run first.' : loading ? 'Opening…' : !chosen ? 'Choose all three folders.' : sound ? null : 'One of the folders has a problem: see there.';

  const start = async (source: Parameters<typeof open>[0], report: boolean): Promise<void> => {
    await open(source);
    if (!useStudio.getState().load.error && useStudio.getState().source === source) showDialog(report ? 'pairing' : null);
  };
  return (
    <Dialog
      title="Open models"
      widthPx={840}
      testId={testIds.openDialog}
      onClose={() => showDialog(null)}
      footer={
        <>
          <span className={css.privacy}>Files are read on this machine and go nowhere else.</span>
          <Button label="Open the demo trio" disabled={loading || active} testId={testIds.openDemo} onClick={() => void start(demoSource(), false)} />
          <Button
            label="Open"
            tone="primary"
            disabled={reason !== null}
            hint={reason ?? 'Read, pair and decompose'}
            testId={testIds.openFolders}
            onClick={() => base && vlm && lrm && void start({ kind: 'folders', base, vlm, lrm }, true)}
          />
        </>
      }
    >
      <p className={css.intro}>Three Hugging Face folders, each with config.json and .safetensors weights. All three must come from one base, layer for layer.</p>
      <div className={css.slots}>
        {slots.map(({ role, title, what }) => (
          <FolderSlot key={role} role={role} title={title} what={what} folder={folders[role] ?? null} misplaced={wrongAt(role)} onFolder={(folder) => choose(role, folder)} />
        ))}
      </div>
      <div className={css.below}>
        {active && <Notice level="warning">A run is going on. Stop it to open other models.</Notice>}
        {loading && <LoadProgress />}
        {load.error && load.error !== earlierError && !loading && (
          <Notice level="error" testId={testIds.openError}>
            {load.error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
