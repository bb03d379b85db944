import { useEffect } from 'react';
import { useStudio } from '../state/store.ts';
import { actionFor } from './actions.ts';

/** Listens on the window, after every panel had its chance to take the key. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const state = useStudio.getState();
      const action = actionFor(event, state);
      if (!action) return;
      event.preventDefault();
      action.perform(state);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}
