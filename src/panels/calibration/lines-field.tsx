/** A text of which each line is one entry, with its label above and what it is for below. */
import { useId, type ReactNode } from 'react';
import { useTip } from '../../ui/use-tip.tsx';
import css from './calibration.module.css';

export interface LinesFieldProps {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly rows: number;
  /** Why it cannot be changed now, or null. */
  readonly obstacle: string | null;
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
  obstacle,
  placeholder,
  testId,
  action,
  onChange,
}: LinesFieldProps): ReactNode {
  const id = useId();
  const { about, tip } = useTip(obstacle);
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
        {...about}
        readOnly={obstacle !== null}
        aria-disabled={obstacle !== null}
        placeholder={placeholder}
        aria-describedby={[about['aria-describedby'], `${id}-about`].filter(Boolean).join(' ')}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
      />
      {tip}
      <p id={`${id}-about`}>{help}</p>
    </div>
  );
}
