/**
 * A panel that opens from a button, in the top layer; closes on Esc, on a click outside and on its button.
 */
import { useId, useRef, type ReactNode } from 'react';
import { placeBeside } from './floating.ts';
import css from './popover.module.css';

export interface PopoverProps {
  readonly label: string;
  readonly align?: 'start' | 'end';
  /** Renders the button; it must carry `popoverTarget={id}`. */
  readonly trigger: (id: string) => ReactNode;
  readonly children: ReactNode;
}

export function Popover({ label, align = 'start', trigger, children }: PopoverProps): ReactNode {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  return (
    <span ref={anchor} className={css.anchor}>
      {trigger(id)}
      <div
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className={`${css.popover} ${css.unplaced}`}
        onToggle={({ currentTarget, newState }) => {
          const open = newState === 'open';
          if (open && anchor.current) placeBeside(anchor.current, currentTarget, align);
          currentTarget.classList.toggle(css['unplaced'] ?? '', !open);
        }}
      >
        {children}
      </div>
    </span>
  );
}
