/** Has the browser ask before it leaves the page while there is work that would be lost. */
import { unsavedWork } from '../state/unsaved-work.ts';
import { useStudio } from '../state/store.ts';

export function keepUnsavedWork(): void {
  addEventListener('beforeunload', (event) => {
    // The browser asks in its own words; none of ours would be shown.
    if (unsavedWork(useStudio.getState())) event.preventDefault();
  });
}
