/** Tells a screen reader what happened, one sentence after another, wherever on the page it happened. */
import { useEffect, useRef, type ReactNode } from 'react';
import { announcement } from '../state/announcement.ts';
import { useStudio } from '../state/store.ts';
import { testIds } from '../ui/test-ids.ts';

/** What is said within this time is said together: a sentence that replaces another at once is never read. */
const GATHER_MS = 250;

export function Announcer(): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let waiting: string[] = [];
    let timer = 0;
    const say = (): void => {
      timer = 0;
      if (element.current) element.current.textContent = waiting.join(' ');
      waiting = [];
    };
    const unsubscribe = useStudio.subscribe((now, before) => {
      const said = announcement(now, before);
      if (said === null) return;
      waiting.push(said);
      timer ||= window.setTimeout(say, GATHER_MS);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, []);
  return <div ref={element} className="visually-hidden" role="status" data-testid={testIds.announcer} />;
}
