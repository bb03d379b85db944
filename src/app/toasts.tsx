/**
 * Warnings and errors as they happen, in a line of their own, so that they cover no control; they also stay in the
 * log. Errors wait to be dismissed.
 */
import { X } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { ActionControl } from '../controls/action-control.tsx';
import { attempt } from '../state/actions/action.ts';
import { actions } from '../state/actions/actions.ts';
import { useStudio } from '../state/store.ts';
import type { Toast } from '../state/records.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { useNoticesHost } from '../ui/notices-host.ts';
import { testIds } from '../ui/test-ids.ts';
import css from './overlays.module.css';

const WARNING_MS = 7000;

function ToastLine({ toast: { id, level, text, way } }: { toast: Toast }): ReactNode {
  const { dismissToast } = useStudio.getState();
  useEffect(() => {
    // An error waits to be dismissed, and so does what can be answered.
    if (level === 'error' || way !== null) return;
    const timer = setTimeout(() => dismissToast(id), WARNING_MS);
    return () => clearTimeout(timer);
  }, [id, level, way, dismissToast]);
  return (
    <Notice
      level={level}
      testId={testIds.toast}
      action={
        <>
          {way && (
            <ActionControl
              action={actions[way]}
              small
              press={() => {
                dismissToast(id);
                attempt(useStudio.getState(), actions[way]);
              }}
            />
          )}
          <Button label="Dismiss" icon={<X />} iconOnly small tone="quiet" onClick={() => dismissToast(id)} />
        </>
      }
    >
      {text}
    </Notice>
  );
}

export function Toasts(): ReactNode {
  const toasts = useStudio((state) => state.toasts);
  const host = useNoticesHost();
  const lines = toasts.map((toast) => <ToastLine key={toast.id} toast={toast} />);
  return (
    <div className={css.toasts} aria-live="assertive" data-part="notices">
      {host ? createPortal(lines, host) : lines}
    </div>
  );
}
