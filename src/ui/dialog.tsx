/** A modal dialog on the native element: focus is kept inside, Esc closes, focus returns to where it was. */
import { X } from 'lucide-react';
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';
import css from './dialog.module.css';
import { setNoticesHost } from './notices-host.ts';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly widthPx?: number;
  readonly testId?: string;
}

export function Dialog({ title, onClose, children, footer, widthPx = 720, testId }: DialogProps): ReactNode {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the document: one that is taken out open returns no focus.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={css.dialog}
      style={{ '--dialog-width': `${widthPx}px` } as React.CSSProperties}
      aria-labelledby={id}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div className={css.head}>
        <h2 id={id} className={css.title}>
          {title}
        </h2>
        <Button label="Close" icon={<X />} iconOnly tone="quiet" onClick={onClose} />
      </div>
      <div className={css.notices} aria-live="assertive" ref={setNoticesHost} />
      {/* Long texts are scrolled with the keyboard too. */}
      <div className={css.body} tabIndex={0}>
        {children}
      </div>
      {footer && <div className={css.foot}>{footer}</div>}
    </dialog>
  );
}
