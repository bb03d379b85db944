/** The one button. With `icon` alone it is square and `label` becomes its accessible name and tooltip. */
import type { ReactNode } from 'react';
import { ActionButton, type ActionButtonProps } from './action-button.tsx';
import css from './button.module.css';

export interface ButtonProps extends Omit<ActionButtonProps, 'children'> {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly iconOnly?: boolean;
  readonly tone?: 'default' | 'quiet' | 'primary';
  readonly small?: boolean;
  /** Shown on hover instead of the label: what it does, or its shortcut. An obstacle takes its place. */
  readonly hint?: string;
}

export function Button({
  label,
  icon,
  iconOnly = false,
  tone = 'default',
  small = false,
  hint,
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
    <ActionButton
      aria-label={iconOnly ? label : undefined}
      title={hint ?? (iconOnly ? label : undefined)}
      {...rest}
      className={classes.filter(Boolean).join(' ')}
    >
      {icon}
      {!iconOnly && label}
    </ActionButton>
  );
}
