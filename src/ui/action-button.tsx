/**
 * A button without looks that may have an obstacle: the reason, in whole sentences, why it cannot be pressed
 * now. It then stays where the keyboard finds it, says the obstacle on hover, on focus and to a screen reader,
 * and a press does nothing but say it. `Button` gives it the studio's looks.
 */
import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { useTip } from './use-tip.tsx';

export interface ActionButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly obstacle?: string | null;
  /** How a refused press is said beyond the button; without, its own tip shows at once. */
  readonly onRefused?: (obstacle: string) => void;
  readonly testId?: string;
}

export function ActionButton({
  obstacle = null,
  onRefused,
  testId,
  children,
  ...rest
}: ActionButtonProps): ReactNode {
  const { about, tip, showAt } = useTip(obstacle);
  if (obstacle === null)
    return (
      <button type="button" {...rest} data-testid={testId}>
        {children}
      </button>
    );
  const refuse = (event: MouseEvent<HTMLButtonElement>): void => {
    // Neither the form that it would submit nor what it stands in learns of it.
    event.preventDefault();
    event.stopPropagation();
    if (onRefused) onRefused(obstacle);
    else showAt(event.currentTarget);
  };
  return (
    <>
      <button
        type="button"
        {...withoutEffects(rest)}
        {...about}
        title={undefined}
        aria-disabled
        data-testid={testId}
        onClick={refuse}
      >
        {children}
      </button>
      {tip}
    </>
  );
}

/** What a button looks like and is called, without anything that a press, a key or a focus would do. */
function withoutEffects({
  popoverTarget: _popover,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement>): ButtonHTMLAttributes<HTMLButtonElement> {
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !/^on[A-Z]/.test(name)));
}
