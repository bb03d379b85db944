/** A text of which each line is one entry, with its label above and what it is for below. */
import { useId, type ReactNode } from 'react';
import css from './calibration.module.css';

export interface LinesFieldProps {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly rows: number;
  readonly disabled: boolean;
  readonly placeholder?: string;
  readonly testId: string;
  readonly action?: ReactNode;
  readonly onChange: (value: string) => void;
}

export function LinesField({
  label,
  help,
  value,
  rows,
  disabled,
  placeholder,
  testId,
  action,
  onChange,
}: LinesFieldProps): ReactNode {
  const id = useId();
  return (
    <div className={css.field}>
      <div className={css.head}>
        <label htmlFor={id}>{label}</label>
        {action}
      </div>
      <textarea
        id={id}
        rows={rows}
        value={value}
        disabled={disabled}
        placeholder={placeholder}
        aria-describedby={`${id}-about`}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-about`}>{help}</p>
    </div>
  );
}
