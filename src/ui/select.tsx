/** One of several, from a list that opens. With an obstacle the list stays shut and says why. */
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import css from './select.module.css';
import { useTip } from './use-tip.tsx';

export interface SelectProps {
  /** For screen readers, where no label stands around it. */
  readonly label?: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** Why it cannot be changed now, or null. */
  readonly obstacle?: string | null;
  readonly className?: string | undefined;
  readonly testId?: string;
  readonly onChange: (value: string) => void;
}

export function Select({
  label,
  value,
  options,
  obstacle = null,
  className,
  testId,
  onChange,
}: SelectProps): ReactNode {
  const { about, tip, showAt } = useTip(obstacle);
  const refuse = (event: MouseEvent<HTMLElement> | KeyboardEvent<HTMLElement>): void => {
    if ('key' in event && (event.key === 'Tab' || event.key === 'Escape')) return;
    event.preventDefault();
    showAt(event.currentTarget);
  };
  return (
    <>
      <select
        aria-label={label}
        className={className === undefined ? css.select : `${css.select} ${className}`}
        value={value}
        data-testid={testId}
        onChange={(event) => obstacle === null && onChange(event.target.value)}
        {...(obstacle === null
          ? {}
          : { ...about, 'aria-disabled': true, onMouseDown: refuse, onKeyDown: refuse })}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {tip}
    </>
  );
}
