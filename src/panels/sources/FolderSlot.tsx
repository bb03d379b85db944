/** One of the three places for a model folder: pick it or drop it. */
import { useState, type DragEvent, type ReactNode } from 'react';
import type { FolderSource, Role } from '../../protocol/session.ts';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/testIds.ts';
import { folderFromDrop, folderFromInput, obviousProblem } from './folder.ts';
import css from './Sources.module.css';

export interface FolderSlotProps {
  readonly role: Role;
  readonly title: string;
  readonly what: string;
  readonly folder: FolderSource | null;
  /** What is wrong with this folder in this place. */
  readonly misplaced: string | null;
  readonly onFolder: (folder: FolderSource) => void;
}

export function FolderSlot({ role, title, what, folder, misplaced, onFolder }: FolderSlotProps): ReactNode {
  const [over, setOver] = useState(false);
  const [dropError, setDropError] = useState<string | null>(null);
  const problem = dropError ?? (folder && obviousProblem(folder)) ?? misplaced;

  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    folderFromDrop(event.dataTransfer.items).then(
      (dropped) => {
        setDropError(dropped ? null : 'Drop a folder, not single files.');
        if (dropped) onFolder(dropped);
      },
      () => setDropError('The browser could not read that folder; pick it with the button.'),
    );
  };
  const state = problem ? css.wrong : folder ? css.filled : '';
  return (
    <div
      className={`${css.slot} ${state} ${over ? css.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <h3>{title}</h3>
      <p className={css.what}>{what}</p>
      {folder && (
        <p className={css.chosen}>
          {folder.label} · {folder.files.length} files, {formatBytes(folder.files.reduce((sum, { file }) => sum + file.size, 0))}
        </p>
      )}
      {problem && <p className={css.bad}>{problem}</p>}
      <label className={css.pick}>
        {folder ? 'Choose another…' : 'Choose folder…'}
        <input
          type="file"
          aria-label={`Folder of the ${title}`}
          data-testid={testIds.folderInput(role)}
          multiple
          ref={(element) => element?.setAttribute('webkitdirectory', '')}
          onChange={(event) => {
            const picked = event.target.files && folderFromInput(event.target.files);
            setDropError(null);
            if (picked) onFolder(picked);
          }}
        />
      </label>
    </div>
  );
}
