/** What happened, newest first. A screen reader hears it from the announcer, whichever tab is open. */
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import css from './log.module.css';

const time = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

export function LogTab(): ReactNode {
  const log = useStudio((state) => state.log);
  return (
    <div role="log" aria-label="Log" aria-live="off">
      <ol className={css.log}>
        {log.map(({ at, level, text }, index) => (
          <li key={`${at}-${index}`} className={css.line} data-level={level}>
            <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
