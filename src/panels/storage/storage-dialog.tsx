/** What the studio keeps in this browser, each with its size, and clearing it. */
import { useEffect, useState, type ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import type { StoragePlace } from '../../state/browser-storage.ts';
import { asideLabel } from '../../state/keeping/shelf-entry.ts';
import type { ShelfEntry } from '../../state/keeping/shelf.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { formatBytes, formatMoment } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './storage.module.css';

const places: readonly { readonly place: StoragePlace; readonly title: string; readonly what: string }[] = [
  {
    place: 'hub',
    title: 'Downloads from the Hub',
    what: 'Pieces of model files. Cleared, they are fetched again when they are needed.',
  },
  {
    place: 'factors',
    title: 'Decompositions',
    what: 'Singular vectors of models that were opened. Cleared, they are computed again.',
  },
  {
    place: 'exports',
    title: 'Archives of exports',
    what: 'The .zip that was made last for a download. The next export takes its place.',
  },
];

export function StorageDialog(): ReactNode {
  const storage = useStudio((state) => state.storage);
  const recents = useStudio((state) => state.recents) ?? [];
  const canUndo = useStudio((state) => state.deletedRecent !== null);
  const [sure, setSure] = useState(false);
  const { lookAtStorage, showDialog } = useStudio.getState();
  useEffect(() => void lookAtStorage(), [lookAtStorage]);
  const { status, usageBytes, quotaBytes, persisted, error } = storage;
  return (
    <Dialog
      title="Storage in this browser"
      widthPx={640}
      testId={testIds.storageDialog}
      onClose={() => showDialog(null)}
      footer={
        <>
          <span className={css.total} data-testid={testIds.storageTotal}>
            {usageBytes === null || quotaBytes === null
              ? 'The browser does not say how much this site takes.'
              : `This site takes ${formatBytes(usageBytes)} of the ${formatBytes(quotaBytes)} that the browser gives it.`}
          </span>
          {canUndo && (
            <ActionControl action={actions.bringBackRecent} small testId={testIds.bringBackRecent} />
          )}
          <ActionControl
            action={actions.clearStorage}
            testId={testIds.clearStorage}
            press={() => setSure(true)}
          />
        </>
      }
    >
      {sure && (
        <Notice
          level="warning"
          action={
            <>
              <ActionControl
                action={actions.clearStorage}
                label="Clear all of it"
                icon={null}
                small
                testId={testIds.clearStorageSure}
                press={() => {
                  setSure(false);
                  void useStudio.getState().clearStorage();
                }}
              />
              <Button label="Leave it" small onClick={() => setSure(false)} />
            </>
          }
        >
          Downloads, decompositions and archives can be made again. Deleted sessions cannot: all are deleted
          that are not on this page or open in another tab.
        </Notice>
      )}
      {error !== null && <Notice level="error">{error}</Notice>}
      <ul className={css.list} aria-busy={status === 'looking' || status === 'clearing'}>
        {places.map(({ place, title, what }) => (
          <li key={place} className={css.item} data-testid={testIds.storagePlace(place)}>
            <span className={css.title}>
              {title}
              <small>{what}</small>
            </span>
            <span className={css.size}>
              {status === 'idle' || status === 'looking' ? '…' : formatBytes(storage.places[place])}
            </span>
            <ActionControl
              action={actions.clearPlace}
              argument={place}
              aria-label={`Clear ${title}`}
              icon={null}
              small
              testId={testIds.clearPlace(place)}
            />
          </li>
        ))}
      </ul>
      <h3 className={css.heading}>Sessions</h3>
      {recents.length === 0 ? (
        <p className={css.none}>
          No session is stored. What you do with models is stored here while you do it.
        </p>
      ) : (
        <ul className={css.list}>
          {recents.map((entry) => (
            <SessionRow key={entry.id} entry={entry} sizeBytes={storage.sessions.get(entry.id) ?? null} />
          ))}
        </ul>
      )}
      <p className={css.kept}>
        {persisted
          ? 'The browser has promised to keep all of this when space runs out.'
          : 'The browser may clear all of this when space runs out.'}
        {!persisted && <ActionControl action={actions.keepStorage} icon={null} small />}
      </p>
    </Dialog>
  );
}

interface SessionRowProps {
  readonly entry: ShelfEntry;
  readonly sizeBytes: number | null;
}

function SessionRow({ entry: { id, name, savedAt, aside }, sizeBytes }: SessionRowProps): ReactNode {
  const here = useStudio((state) => state.keeping.id === id);
  return (
    <li className={css.item} data-testid={testIds.storedSession}>
      <span className={css.title}>
        {name}
        <small>
          {here ? 'on the page' : formatMoment(savedAt)}
          {aside && (
            <span className={css.damaged}>
              {' '}
              · {asideLabel(aside)}: {aside.why}
            </span>
          )}
        </small>
      </span>
      <span className={css.size}>{sizeBytes === null ? '…' : formatBytes(sizeBytes)}</span>
      <ActionControl
        action={actions.deleteRecent}
        argument={id}
        label="Delete"
        aria-label={`Delete ${name}`}
        icon={null}
        small
        testId={testIds.deleteRecent}
      />
    </li>
  );
}
