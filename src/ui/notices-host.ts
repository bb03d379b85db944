/**
 * Where notices stand while a modal dialog is open: in the dialog, because everything beside it is out of reach.
 * Null while none is open.
 */
import { useSyncExternalStore } from 'react';

let host: Element | null = null;
const listeners = new Set<() => void>();

/** As the `ref` of the element in the dialog. */
export function setNoticesHost(element: Element | null): void {
  host = element;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useNoticesHost = (): Element | null => useSyncExternalStore(subscribe, () => host);
