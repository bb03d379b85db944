import type { ReactNode } from 'react';
import css from './switch.module.css';

export interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly testId?: string;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, checked, disabled = false, testId, onChange }: SwitchProps): ReactNode {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      disabled={disabled}
      className={css.switch}
      data-testid={testId}
      onClick={() => onChange(!checked)}
    >
      <span className={css.track} />
      {label}
    </button>
  );
}
