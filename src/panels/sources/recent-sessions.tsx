/** What was worked on in this browser before, where models are opened. Nothing where there is none. */
import { useEffect, useState, type ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { asideLabel } from '../../state/keeping/shelf-entry.ts';
import type { ShelfEntry } from '../../state/keeping/shelf.ts';
import { useStudio } from '../../state/store.ts';
import { formatMoment } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './recent-sessions.module.css';
import { SessionPicture } from './session-picture.tsx';

interface RecentSessionsProps {
  /** What keeps this place from opening anything, or null. */
  readonly obstacle: string | null;
  /** Called once a session is on the page. */
  readonly onOpened: () => void;
}

export function RecentSessions({ obstacle, onOpened }: RecentSessionsProps): ReactNode {
  const recents = useStudio((state) => state.recents);
  const waiting = useStudio((state) => state.keeping.waiting);
  const canUndo = useStudio((state) => state.deletedRecent !== null);
  useEffect(() => void useStudio.getState().listRecents(), []);
  if (!recents || (recents.length === 0 && !canUndo)) return null;
  const open = async (id: string): Promise<void> => {
    await useStudio.getState().openRecent(id);
    if (useStudio.getState().keeping.id === id) onOpened();
  };
  return (
    <section className={css.recents} aria-labelledby="recent-sessions" data-testid={testIds.recents}>
      <div className={css.head}>
        <h3 id="recent-sessions">Recent sessions</h3>
        {canUndo && (
          <ActionControl
            action={actions.bringBackRecent}
            small
            tone="quiet"
            testId={testIds.bringBackRecent}
          />
        )}
        <ActionControl action={actions.storage} small tone="quiet" testId={testIds.storage} />
      </div>
      <ul className={css.list}>
        {recents.map((entry) => (
          <Row key={entry.id} entry={entry} obstacle={obstacle} open={open} />
        ))}
      </ul>
      {waiting?.why && (
        <Notice level="info">
          “{waiting.name}” waits for its models. {waiting.why}
        </Notice>
      )}
    </section>
  );
}

interface RowProps {
  readonly entry: ShelfEntry;
  readonly obstacle: string | null;
  readonly open: (id: string) => Promise<void>;
}

function Row({ entry, obstacle, open }: RowProps): ReactNode {
  const { id, name, savedAt, thumbnail, aside } = entry;
  const here = useStudio((state) => state.keeping.id === id);
  const [typed, setTyped] = useState<string | null>(null);
  const rename = (): void => {
    if (typed !== null && typed.trim() !== '' && typed !== name)
      attempt(useStudio.getState(), actions.renameRecent, { id, name: typed });
    setTyped(null);
  };
  return (
    <li className={css.item} data-testid={testIds.recent}>
      <SessionPicture of={thumbnail} />
      {typed === null ? (
        <span className={css.name} title={name}>
          {name}
        </span>
      ) : (
        <input
          className={css.field}
          aria-label={`New name of ${name}`}
          autoFocus
          maxLength={200}
          value={typed}
          data-testid={testIds.recentName}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === 'Enter') rename();
            if (event.key !== 'Escape') return;
            // The dialog stays.
            event.preventDefault();
            event.stopPropagation();
            setTyped(null);
          }}
        />
      )}
      <span className={css.when}>{here ? 'on the page' : formatMoment(savedAt)}</span>
      <span className={css.buttons}>
        {!here && (
          <ActionControl
            action={actions.openRecent}
            argument={id}
            label={aside ? 'Try again' : 'Open'}
            aria-label={`${aside ? 'Try again to open' : 'Open'} ${name}`}
            icon={null}
            small
            obstacle={obstacle}
            testId={testIds.openRecent}
            press={() => void open(id)}
          />
        )}
        <ActionControl
          action={actions.renameRecent}
          argument={entry}
          label={`Rename ${name}`}
          hint={`Renames “${name}”.`}
          iconOnly
          small
          tone="quiet"
          testId={testIds.renameRecent}
          press={() => setTyped(name)}
        />
        <ActionControl
          action={actions.deleteRecent}
          argument={id}
          label={`Delete ${name}`}
          iconOnly
          small
          tone="quiet"
          testId={testIds.deleteRecent}
        />
      </span>
      {aside && (
        <p className={css.aside}>
          This session is {asideLabel(aside)}, and set aside. {aside.why}
        </p>
      )}
    </li>
  );
}
