/** A text whose explanation is shown on hover, and on keyboard focus where it can have the focus. */
import type { ReactNode } from 'react';
import css from './popover.module.css';
import { useTip } from './use-tip.tsx';

export function Tip({ text, children }: { readonly text: string; readonly children: ReactNode }): ReactNode {
  const { about, tip } = useTip(text);
  return (
    <>
      <span className={css.anchor} {...about}>
        {children}
      </span>
      {tip}
    </>
  );
}
