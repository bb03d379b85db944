/**
 * An action as a button: name, picture, keys and obstacle come from the action's row, and a press goes through
 * `attempt`. A panel says only what is its own: where it stands, how large it is, and for which argument.
 */
import type { MouseEvent, ReactNode } from 'react';
import { attempt, refused, type ActionRow } from '../state/actions/action.ts';
import { sayObstacle } from '../state/actions/obstacles.ts';
import { useStudio } from '../state/store.ts';
import { Button, type ButtonProps } from '../ui/button.tsx';
import { icons } from '../ui/icons.tsx';
import { tooltip } from './tooltip.ts';
import { useObstacle } from './use-obstacle.ts';

export interface ActionControlProps<Argument> extends Omit<ButtonProps, 'label' | 'onClick' | 'onRefused'> {
  readonly action: ActionRow<Argument>;
  readonly argument?: Argument;
  /** In place of the row's name: for a button that says more than the name, or stands in a group. */
  readonly label?: string;
  /** What must be done first in this place, beside what the row says. */
  readonly obstacle?: string | null;
  /** In place of what the row does, where the page must do something before or after. */
  readonly press?: (event: MouseEvent<HTMLButtonElement>) => void;
}

export function ActionControl(props: ActionControlProps<void> & { readonly argument?: undefined }): ReactNode;
export function ActionControl<Argument>(
  props: ActionControlProps<Argument> & { readonly argument: Argument },
): ReactNode;
export function ActionControl<Argument>({
  action,
  argument,
  label,
  icon,
  hint,
  obstacle: ofPlace = null,
  press,
  ...rest
}: ActionControlProps<Argument>): ReactNode {
  const given = argument as Argument;
  const name = useStudio((state) => label ?? action.labelNow?.(state) ?? action.label);
  const about = useStudio((state) => hint ?? action.hint?.(state, given) ?? action.label);
  const obstacle = useObstacle(action, given) ?? ofPlace;
  const onClick = (event: MouseEvent<HTMLButtonElement>): void => {
    const state = useStudio.getState();
    if (!press) attempt(state, action, given);
    else if (!refused(state, action, given)) press(event);
  };
  return (
    <Button
      {...rest}
      label={name}
      icon={icon === undefined ? action.icon && icons[action.icon] : icon}
      hint={tooltip(about, action)}
      obstacle={obstacle}
      onClick={onClick}
      onRefused={(sentence) => sayObstacle(useStudio.getState(), sentence)}
    />
  );
}
