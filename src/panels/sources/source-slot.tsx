/** One of the three places for a model: a folder that is picked or dropped, or a repository of the Hub. */
import type { Role } from '../../../core/family/trio.ts';
import { useState, type DragEvent, type ReactNode } from 'react';
import type { FolderSource } from '../../../protocol/session.ts';
import { partsOfDrop } from '../../ui/dropped-files.ts';
import { FileButton } from '../../ui/file-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import { repoProblem, revisionProblem, tidied, type PartDraft } from './draft.ts';
import { folderFromDrop, folderFromHandle, folderFromInput, obviousProblem } from './folder.ts';
import { manifestFolder, modelFolders } from './place.ts';
import css from './sources.module.css';

export interface SourceSlotProps {
  readonly role: Role;
  readonly title: string;
  readonly what: string;
  readonly part: PartDraft;
  /** The Hub's mirror, empty for the public Hub. */
  readonly endpoint: string;
  /** What is wrong with this model in this place, as far as one can see from here. */
  readonly misplaced: string | null;
  /** What the engine said is wrong with it. */
  readonly failure: string | null;
  /** Why it cannot be changed now, or null. */
  readonly obstacle: string | null;
  readonly onChange: (part: PartDraft) => void;
  /** Several models came together, or a trio with its manifest. */
  readonly onSeveral: (folders: readonly FolderSource[]) => void;
}

export function SourceSlot({
  role,
  title,
  what,
  part,
  endpoint,
  misplaced,
  failure,
  obstacle,
  onChange,
  onSeveral,
}: SourceSlotProps): ReactNode {
  const [over, setOver] = useState(false);
  const [failedPick, setFailedPick] = useState<string | null>(null);
  const { from, folder } = part;
  const onFolder = (chosen: FolderSource): void => {
    setFailedPick(null);
    onChange({ ...part, from: 'folder', folder: chosen });
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (obstacle !== null) return setFailedPick(obstacle);
    const take = async (folders: readonly FolderSource[]): Promise<void> => {
      const [first] = folders;
      if (!first) return setFailedPick('These are single files. Drop a folder.');
      const models = folders.flatMap(modelFolders);
      if (models.length > 1 || (await manifestFolder(first))) return onSeveral(folders);
      onFolder(models[0] ?? first);
    };
    partsOfDrop(event.dataTransfer.items).then(
      ({ folders }) => take(folders.map(folderFromDrop)),
      () => setFailedPick('The browser could not read that folder. Pick it with the button.'),
    );
  };
  const problem =
    failedPick ?? (from === 'folder' ? ((folder && obviousProblem(folder, role)) ?? misplaced) : null);
  const wrong =
    problem !== null ||
    failure !== null ||
    (from === 'hub' && (repoProblem(part, endpoint) ?? revisionProblem(part)) !== null);
  const filled = from === 'folder' ? folder !== null : part.repo.trim() !== '';
  return (
    <section
      aria-label={title}
      className={`${css.slot} ${wrong ? css.wrong : filled ? css.filled : ''} ${over ? css.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className={css.slotHead}>
        <h3>{title}</h3>
        <Segmented
          label={`Where the ${title} comes from`}
          options={[
            { value: 'folder', label: 'Folder', testId: testIds.sourceKind(role, 'folder') },
            { value: 'hub', label: 'Hub', testId: testIds.sourceKind(role, 'hub') },
          ]}
          value={from}
          obstacle={obstacle}
          onChange={(chosen) => {
            setFailedPick(null);
            onChange({ ...part, from: chosen });
          }}
        />
      </header>
      <p className={css.what}>{what}</p>
      {from === 'folder' ? (
        <FolderPick
          role={role}
          title={title}
          folder={folder}
          obstacle={obstacle}
          onFolder={onFolder}
          onFailed={setFailedPick}
        />
      ) : (
        <div className={css.hubFields}>
          <TextField
            label="Repository"
            placeholder="owner/name"
            value={part.repo}
            problem={repoProblem(part, endpoint)}
            obstacle={obstacle}
            testId={testIds.hubRepo(role)}
            onChange={(repo) => onChange({ ...part, repo })}
            onBlur={() => onChange(tidied(part, endpoint))}
          />
          <TextField
            label="Revision"
            placeholder="main"
            value={part.revision}
            problem={revisionProblem(part)}
            obstacle={obstacle}
            testId={testIds.hubRevision(role)}
            onChange={(revision) => onChange({ ...part, revision })}
          />
        </div>
      )}
      {problem && <p className={css.bad}>{problem}</p>}
      {failure && (
        <p className={css.bad} role="alert" data-testid={testIds.openError}>
          {failure}
        </p>
      )}
    </section>
  );
}

interface FolderPickProps extends Pick<SourceSlotProps, 'role' | 'title' | 'obstacle'> {
  readonly folder: FolderSource | null;
  readonly onFolder: (folder: FolderSource) => void;
  readonly onFailed: (why: string) => void;
}

function FolderPick({ role, title, folder, obstacle, onFolder, onFailed }: FolderPickProps): ReactNode {
  return (
    <>
      {folder && (
        <p className={css.chosen}>
          {folder.label} · {folder.files.length} files,{' '}
          {formatBytes(folder.files.reduce((sum, { file }) => sum + file.size, 0))}
        </p>
      )}
      <FileButton
        className={css.pick}
        label={folder ? 'Choose another…' : 'Choose folder…'}
        pick="folder"
        spoken={`Folder of the ${title}`}
        obstacle={obstacle}
        testId={testIds.folderInput(role)}
        directory={{ take: async (handle) => onFolder(await folderFromHandle(handle)), failed: onFailed }}
        onFiles={(files) => {
          const picked = folderFromInput(files);
          if (picked) onFolder(picked);
        }}
      />
    </>
  );
}
