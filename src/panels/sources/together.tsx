/** All three models at once: from the folder that holds them, or from that of a trio with its manifest. */
import { FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileButton } from '../../ui/file-button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { useDraft } from './draft-store.ts';
import { folderFromHandle, folderFromInput } from './folder.ts';
import css from './sources.module.css';

export interface TogetherProps {
  /** Why nothing can be changed now, or null. */
  readonly obstacle: string | null;
  /** Before something is changed. */
  readonly onChange: () => void;
}

export function Together({ obstacle, onChange }: TogetherProps): ReactNode {
  const { draft, note, place, leaveTrio, swap } = useDraft();
  const { trio, parts } = draft;
  const bothPlaced = parts.base.folder !== null && parts.lrm.folder !== null;
  return (
    <>
      <div className={css.together}>
        <FileButton
          label="A folder with all of them…"
          icon={<FolderOpen />}
          pick="folder"
          small
          obstacle={obstacle}
          hint="Finds the three models in a folder, or a trio with its manifest.json and its data."
          testId={testIds.folderTogether}
          directory={{
            async take(handle) {
              const picked = await folderFromHandle(handle);
              onChange();
              await place([picked]);
            },
            failed: (text) => useDraft.setState({ note: { level: 'warning', text } }),
          }}
          onFiles={(files) => {
            const picked = folderFromInput(files);
            onChange();
            if (picked) void place([picked]);
          }}
        />
        {note && (
          <Notice
            level={note.level}
            testId={testIds.placed}
            action={
              bothPlaced && (
                <Button
                  label="Swap base and LRM"
                  small
                  obstacle={obstacle}
                  testId={testIds.swapParts}
                  onClick={() => {
                    onChange();
                    swap();
                  }}
                />
              )
            }
          >
            {note.text}
          </Notice>
        )}
      </div>
      {trio && (
        <Notice
          level="info"
          testId={testIds.trioFolder}
          action={
            <Button
              label="Choose three models instead"
              small
              obstacle={obstacle}
              onClick={() => {
                onChange();
                leaveTrio();
              }}
            />
          }
        >
          “{trio.label}” is a trio with a manifest.json: its three models, its images and its questions are
          opened together.
        </Notice>
      )}
    </>
  );
}
