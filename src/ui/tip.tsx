/**
 * A line of explanation on hover and on keyboard focus; it is also the described-by text of what it wraps.
 */
import { useId, useRef, type ReactNode } from 'react';
import { placeBeside } from './floating.ts';
import css from './popover.module.css';

const DELAY_MS = 350;

export function Tip({
  text,
  children,
}: {
  readonly text: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const floating = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = (): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const element = floating.current;
      if (!element || !anchor.current || !element.isConnected || element.matches(':popover-open')) return;
      element.showPopover();
      placeBeside(anchor.current, element, 'middle');
    }, DELAY_MS);
  };
  const hide = (): void => {
    clearTimeout(timer.current);
    if (floating.current?.matches(':popover-open')) floating.current.hidePopover();
  };
  return (
    <span
      ref={anchor}
      className={css.anchor}
      aria-describedby={id}
      onPointerEnter={show}
      onPointerLeave={hide}
      onFocus={show}
      onBlur={hide}
      onPointerDown={hide}
    >
      {children}
      <span ref={floating} id={id} popover="manual" role="tooltip" className={`${css.popover} ${css.tip}`}>
        {text}
      </span>
    </span>
  );
}
