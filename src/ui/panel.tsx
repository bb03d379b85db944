/**
 * A titled region of the workbench: head with actions, body that scrolls inside (or not, with `still`, for
 * canvases).
 */
import type { ReactNode } from 'react';
import css from './panel.module.css';

export interface PanelProps {
  readonly title: string;
  /** Short text after the title: what is shown, of how many. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly padded?: boolean;
  readonly still?: boolean;
  /** Letters that mean something here alone, while the focus is inside. */
  readonly ownKeys?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}

export function Panel({
  title,
  note,
  actions,
  padded = false,
  still = false,
  ownKeys = false,
  testId,
  children,
}: PanelProps): ReactNode {
  const body = [css.body, padded ? css.padded : '', still ? css.still : ''].join(' ');
  return (
    <section
      className={css.panel}
      aria-label={title}
      data-testid={testId}
      data-own-keys={ownKeys || undefined}
    >
      <header className={css.head}>
        <h2 className={css.title}>{title}</h2>
        {note !== undefined && <span className={css.note}>{note}</span>}
        <div className={css.actions}>{actions}</div>
      </header>
      <div className={body}>{children}</div>
    </section>
  );
}
