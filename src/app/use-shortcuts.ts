/**
 * Keys that work anywhere on the page. Listens on the window, after every panel had its chance to take the key;
 * what a key does, and whether it may now, is the actions' to say.
 */
import { useEffect } from 'react';
import { attempt } from '../state/actions/action.ts';
import { actionForKeys } from '../state/actions/keys.ts';
import { useStudio } from '../state/store.ts';

export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const state = useStudio.getState();
      if (event.defaultPrevented || event.repeat || state.dialog !== null || belongsToFocus(event)) return;
      const { target } = event;
      const action = actionForKeys(
        event,
        target instanceof Element && target.closest('[data-own-keys]') !== null,
      );
      if (!action) return;
      event.preventDefault();
      attempt(state, action);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

/** The key types, presses or moves what has the focus. */
function belongsToFocus({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target.matches('input:not([type=range]):not([type=checkbox]), textarea, select')
  )
    return true;
  // Space presses buttons and moves what has a role of its own.
  return (
    key === ' ' &&
    target.closest('button, summary, a[href], [role], [popover], label') !== null &&
    !target.matches('[role=tabpanel], main')
  );
}
