/** Warnings and errors as they happen; they also stay in the log. Errors wait to be dismissed. */
import { X } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useStudio } from '../state/store.ts';
import type { Toast } from '../state/records.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { testIds } from '../ui/test-ids.ts';
import css from './overlays.module.css';

const WARNING_MS = 7000;

function ToastLine({ toast: { id, level, text } }: { toast: Toast }): ReactNode {
  const { dismissToast } = useStudio.getState();
  useEffect(() => {
    if (level === 'error') return;
    const timer = setTimeout(() => dismissToast(id), WARNING_MS);
    return () => clearTimeout(timer);
  }, [id, level, dismissToast]);
  return (
    <Notice
      level={level}
      testId={testIds.toast}
      action={
        <Button label="Dismiss" icon={<X />} iconOnly small tone="quiet" onClick={() => dismissToast(id)} />
      }
    >
      {text}
    </Notice>
  );
}

export function Toasts(): ReactNode {
  const toasts = useStudio((state) => state.toasts);
  return (
    <div className={css.toasts} aria-live="assertive">
      {toasts.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  );
}
