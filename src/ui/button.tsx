/** The one button. With `icon` alone it is square and `label` becomes its accessible name and tooltip. */
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import css from './button.module.css';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly iconOnly?: boolean;
  readonly tone?: 'default' | 'quiet' | 'primary';
  readonly small?: boolean;
  /** Shown on hover instead of the label: the reason it is disabled, or its shortcut. */
  readonly hint?: string;
  readonly testId?: string;
}

export function Button({
  label,
  icon,
  iconOnly = false,
  tone = 'default',
  small = false,
  hint,
  testId,
  className,
  ...rest
}: ButtonProps): ReactNode {
  const classes = [
    css.button,
    tone === 'quiet' ? css.quiet : '',
    tone === 'primary' ? css.primary : '',
    small ? css.small : '',
    iconOnly ? css.icon : '',
    className ?? '',
  ];
  return (
    <button
      type="button"
      {...rest}
      className={classes.filter(Boolean).join(' ')}
      aria-label={iconOnly ? label : undefined}
      title={hint ?? (iconOnly ? label : undefined)}
      data-testid={testId}
    >
      {icon}
      {!iconOnly && label}
    </button>
  );
}
