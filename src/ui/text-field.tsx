/** A line of text with its label above and what is wrong with it below. */
import { useId, type InputHTMLAttributes, type ReactNode } from 'react';
import css from './text-field.module.css';

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'id'> {
  readonly label: string;
  readonly value: string;
  /** What it is for, in a few words. */
  readonly help?: string;
  readonly problem?: string | null;
  readonly testId?: string;
  readonly onChange: (value: string) => void;
}

export function TextField({
  label,
  help,
  problem = null,
  testId,
  onChange,
  ...input
}: TextFieldProps): ReactNode {
  const id = useId();
  const about = problem ?? help;
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <input
        type="text"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        {...input}
        id={id}
        className={css.input}
        aria-invalid={problem !== null}
        aria-describedby={about ? `${id}-about` : undefined}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      {about && (
        <p id={`${id}-about`} className={problem ? css.problem : css.help}>
          {about}
        </p>
      )}
    </div>
  );
}
