/**
 * Reads an outside source at most every `intervalMs`, so that a chart fed 15 times a second redraws four
 * times.
 */
import { useCallback, useRef, useSyncExternalStore } from 'react';

export function useThrottled<T>(
  subscribe: (listener: () => void) => () => void,
  read: () => T,
  intervalMs = 250,
): T {
  const cache = useRef<{ value: T } | null>(null);
  const throttled = useCallback(
    (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | null = null;
      const stop = subscribe(() => {
        timer ??= setTimeout(() => {
          timer = null;
          cache.current = null;
          listener();
        }, intervalMs);
      });
      return () => {
        stop();
        if (timer) clearTimeout(timer);
      };
    },
    [subscribe, intervalMs],
  );
  const snapshot = useCallback(() => {
    cache.current ??= { value: read() };
    return cache.current.value;
  }, [read]);
  return useSyncExternalStore(throttled, snapshot);
}
