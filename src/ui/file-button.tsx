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
            if (obstacle === null) return;
            event.preventDefault();
            showAt(event.currentTarget);
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
