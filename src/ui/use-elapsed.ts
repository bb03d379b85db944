/** How long something has been going on, in whole seconds of ms, counted by the page's own clock; null for nothing. */
import { useEffect, useState } from 'react';

const EVERY_MS = 1000;

/** @param sinceAt when it began, in ms since the epoch, or null */
export function useElapsed(sinceAt: number | null): number | null {
  const [nowAt, setNowAt] = useState(() => Date.now());
  useEffect(() => {
    if (sinceAt === null) return;
    const tick = (): void => setNowAt(Date.now());
    const timer = setInterval(tick, EVERY_MS);
    return () => clearInterval(timer);
  }, [sinceAt]);
  return sinceAt === null ? null : Math.max(0, Math.floor((nowAt - sinceAt) / EVERY_MS) * EVERY_MS);
}
