/** One of a few, side by side: radio buttons that look like one control. Arrow keys move between them. */
import { useId, type ReactNode } from 'react';
import css from './segmented.module.css';
import { useTip } from './use-tip.tsx';

export interface SegmentedProps<T extends string> {
  /** For screen readers: what is chosen here. */
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly testId?: string }[];
  readonly value: T;
  /** What it is for, in whole sentences; shown on hover and on focus. */
  readonly hint?: string;
  /** Why it cannot be changed now, or null. */
  readonly obstacle?: string | null;
  readonly onChange: (value: T) => void;
}

export function Segmented<T extends string>({
  label,
  options,
  value,
  hint,
  obstacle = null,
  onChange,
}: SegmentedProps<T>): ReactNode {
  const name = useId();
  const { about, tip } = useTip([hint, obstacle].filter(Boolean).join(' ') || null);
  return (
    <>
      <fieldset className={css.segmented} {...about} aria-disabled={obstacle !== null}>
        <legend className="visually-hidden">{label}</legend>
        {options.map((option) => (
          <label key={option.value} className={css.option}>
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              data-testid={option.testId}
              aria-disabled={obstacle !== null}
              onChange={() => obstacle === null && onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </fieldset>
      {tip}
    </>
  );
}
