/** Where this browser keeps sessions; null where it has no place for them. */
import { indexedDbShelf } from '../shelf/indexed-db.ts';
import { useStudio } from '../state/store.ts';
import type { Shelf } from '../state/keeping/shelf.ts';

export function pageShelf(): Shelf | null {
  try {
    return 'indexedDB' in globalThis ? indexedDbShelf(sessionStorage) : null;
  } catch {
    // Storage can be forbidden to a page; the session is then as long as the page.
    return null;
  }
}

/** Stores what the last second has brought before the page is hidden or left. */
export function storeBeforeLeaving(): void {
  const store = (): void => void useStudio.getState().storeNow();
  addEventListener('pagehide', store);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && store());
}
