/** On or off. With an obstacle it keeps its place and says why it cannot be switched now. */
import type { ReactNode } from 'react';
import css from './switch.module.css';
import { useTip } from './use-tip.tsx';

export interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  /** What it is for, in whole sentences; shown on hover and on focus. */
  readonly hint?: string;
  /** Why it cannot be switched now, or null. */
  readonly obstacle?: string | null;
  readonly testId?: string;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, checked, hint, obstacle = null, testId, onChange }: SwitchProps): ReactNode {
  const { about, tip, showAt } = useTip([obstacle, hint].filter(Boolean).join(' ') || null);
  return (
    <>
      <button
        type="button"
        role="switch"
        {...about}
        aria-checked={checked}
        aria-disabled={obstacle !== null}
        className={css.switch}
        data-testid={testId}
        onClick={({ currentTarget }) => (obstacle === null ? onChange(!checked) : showAt(currentTarget))}
      >
        <span className={css.track} />
        {label}
      </button>
      {tip}
    </>
  );
}
