/** A line of text with its label above and what is wrong with it below. */
import { useId, type InputHTMLAttributes, type ReactNode } from 'react';
import css from './text-field.module.css';
import { useTip } from './use-tip.tsx';

export interface TextFieldProps extends Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'onChange' | 'id' | 'disabled'
> {
  readonly label: string;
  readonly value: string;
  /** What it is for, in a few words. */
  readonly help?: string;
  readonly problem?: string | null;
  /** Why it cannot be changed now, or null. */
  readonly obstacle?: string | null;
  readonly testId?: string;
  readonly onChange: (value: string) => void;
}

export function TextField({
  label,
  help,
  problem = null,
  obstacle = null,
  testId,
  onChange,
  ...input
}: TextFieldProps): ReactNode {
  const id = useId();
  const about = problem ?? help;
  const { about: told, tip } = useTip(obstacle);
  const described = [told['aria-describedby'], about && `${id}-about`].filter(Boolean).join(' ');
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <input
        type="text"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        {...input}
        {...told}
        onBlur={(event) => {
          told.onBlur?.();
          input.onBlur?.(event);
        }}
        readOnly={obstacle !== null}
        aria-disabled={obstacle !== null}
        id={id}
        className={css.input}
        aria-invalid={problem !== null}
        aria-describedby={described || undefined}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      {tip}
      {about && (
        <p id={`${id}-about`} className={problem ? css.problem : css.help}>
          {about}
        </p>
      )}
    </div>
  );
}
