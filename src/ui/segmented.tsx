/** One of a few, side by side: radio buttons that look like one control. Arrow keys move between them. */
import { useId, type ReactNode } from 'react';
import css from './segmented.module.css';

export interface SegmentedProps<T extends string> {
  /** For screen readers: what is chosen here. */
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly testId?: string }[];
  readonly value: T;
  readonly disabled?: boolean;
  readonly onChange: (value: T) => void;
}

export function Segmented<T extends string>({
  label,
  options,
  value,
  disabled = false,
  onChange,
}: SegmentedProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset className={css.segmented} disabled={disabled}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={css.option}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            data-testid={option.testId}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
