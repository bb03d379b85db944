/** Looks like a button and opens the browser's file picker. The native input carries focus and name. */
import type { ReactNode } from 'react';
import button from './button.module.css';
import css from './file-button.module.css';

export interface FileButtonProps {
  readonly label: string;
  readonly icon?: ReactNode;
  /** As of `<input accept>`. */
  readonly accept: string;
  readonly disabled?: boolean;
  readonly small?: boolean;
  readonly hint?: string;
  readonly testId?: string;
  readonly onFiles: (files: readonly File[]) => void;
}

export function FileButton({
  label,
  icon,
  accept,
  disabled = false,
  small = false,
  hint,
  testId,
  onFiles,
}: FileButtonProps): ReactNode {
  return (
    <label
      className={`${button.button} ${small ? button.small : ''} ${css.pick} ${disabled ? css.disabled : ''}`}
      title={hint}
    >
      {icon}
      {label}
      <input
        type="file"
        accept={accept}
        disabled={disabled}
        data-testid={testId}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // Choosing the same file again is choosing it again.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
