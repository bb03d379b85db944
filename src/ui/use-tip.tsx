/**
 * A few sentences beside a control: shown on hover and on keyboard focus, and read with the control by a screen
 * reader. Escape, a press and leaving the control take them away.
 *
 * `about` goes onto the control itself and `tip` beside it. Without a text both are empty.
 */
import { useId, useRef, type ReactNode, type SyntheticEvent } from 'react';
import { placeBeside } from './floating.ts';
import css from './popover.module.css';

const DELAY_MS = 350;

export interface TipProps {
  readonly 'aria-describedby'?: string;
  readonly onPointerEnter?: (event: SyntheticEvent<HTMLElement>) => void;
  readonly onPointerLeave?: () => void;
  readonly onPointerDown?: () => void;
  readonly onFocus?: (event: SyntheticEvent<HTMLElement>) => void;
  readonly onBlur?: () => void;
}

export interface Tip {
  readonly about: TipProps;
  readonly tip: ReactNode;
  /** At once: a press was refused, and this says why. */
  readonly showAt: (anchor: Element) => void;
}

export function useTip(text: string | null): Tip {
  const id = useId();
  const floating = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onKeyDown = useRef((event: KeyboardEvent): void => {
    if (event.key === 'Escape') hide();
  });
  const showAt = (anchor: Element): void => {
    clearTimeout(timer.current);
    const element = floating.current;
    if (!element?.isConnected || !anchor.isConnected || element.matches(':popover-open')) return;
    element.showPopover();
    placeBeside(anchor, element, 'middle');
    addEventListener('keydown', onKeyDown.current);
  };
  function hide(): void {
    clearTimeout(timer.current);
    removeEventListener('keydown', onKeyDown.current);
    if (floating.current?.matches(':popover-open')) floating.current.hidePopover();
  }
  const showSoon = ({ currentTarget }: SyntheticEvent<HTMLElement>): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => showAt(currentTarget), DELAY_MS);
  };
  if (text === null) return { about: {}, tip: null, showAt };
  return {
    about: {
      'aria-describedby': id,
      onPointerEnter: showSoon,
      onPointerLeave: hide,
      onPointerDown: hide,
      onFocus: showSoon,
      onBlur: hide,
    },
    tip: (
      <span ref={floating} id={id} popover="manual" role="tooltip" className={`${css.popover} ${css.tip}`}>
        {text}
      </span>
    ),
    showAt,
  };
}
