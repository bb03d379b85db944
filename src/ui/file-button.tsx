/** Looks like a button and opens the browser's file picker. The native input carries focus and name. */
import type { ReactNode } from 'react';
import button from './button.module.css';
import css from './file-button.module.css';
import { useTip } from './use-tip.tsx';

export interface FileButtonProps {
  readonly label: string;
  readonly icon?: ReactNode;
  /** As of `<input accept>`; any file where absent. */
  readonly accept?: string;
  /** What is picked: one file, several, or a folder with all that is in it. One file where absent. */
  readonly pick?: 'file' | 'files' | 'folder';
  /** For screen readers, where the label alone does not say what is picked. */
  readonly spoken?: string;
  /** In place of the looks of a button. */
  readonly className?: string | undefined;
  /** Why no file can be chosen now, or null. */
  readonly obstacle?: string | null;
  readonly small?: boolean;
  readonly hint?: string;
  readonly testId?: string;
  readonly onFiles: (files: readonly File[]) => void;
  /** Of a folder: takes the place of `onFiles` in a browser whose picker gives a handle. */
  readonly directory?: DirectoryPick;
}

/** A folder by its handle, by which it can be read again on a later visit. */
export interface DirectoryPick {
  /** May reject. */
  readonly take: (handle: FileSystemDirectoryHandle) => Promise<void>;
  /** Why there is none, as a sentence. */
  readonly failed: (why: string) => void;
}

/** What some browsers have and their types do not say yet. */
interface DirectoryPicker {
  showDirectoryPicker?(options: { readonly mode: 'read' }): Promise<FileSystemDirectoryHandle>;
}

/** False where the browser has no such picker. */
function pickDirectory({ take, failed }: DirectoryPick): boolean {
  const picked = (window as DirectoryPicker).showDirectoryPicker?.({ mode: 'read' });
  picked?.then(take).catch((thrown: unknown) => {
    // The person closed the picker.
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return;
    failed(thrown instanceof Error ? thrown.message : String(thrown));
  });
  return picked !== undefined;
}

export function FileButton({
  label,
  icon,
  accept,
  pick = 'file',
  spoken,
  className,
  obstacle = null,
  small = false,
  hint,
  testId,
  onFiles,
  directory,
}: FileButtonProps): ReactNode {
  const { about, tip, showAt } = useTip(obstacle);
  return (
    <>
      <label
        className={`${className ?? `${button.button} ${small ? button.small : ''} ${css.pick}`} ${obstacle === null ? '' : css.disabled}`}
        title={obstacle === null ? hint : undefined}
      >
        {icon}
        {label}
        <input
          type="file"
          accept={accept}
          multiple={pick !== 'file'}
          aria-label={spoken}
          ref={(element) => {
            element?.toggleAttribute('webkitdirectory', pick === 'folder');
          }}
          {...about}
          aria-disabled={obstacle !== null}
          onClick={(event) => {
            const byHandle = obstacle === null && directory !== undefined && pickDirectory(directory);
            if (obstacle === null && !byHandle) return;
            event.preventDefault();
            if (obstacle !== null) showAt(event.currentTarget);
          }}
          data-testid={testId}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            // Choosing the same file again is choosing it again.
            event.target.value = '';
            if (files.length > 0) onFiles(files);
          }}
        />
      </label>
      {tip}
    </>
  );
}
