/** What is dropped anywhere on the page, unless what it was dropped on wants it: `take-drop.ts` says what becomes of it. */
import { useEffect, useState, type ReactNode } from 'react';
import { useStudio } from '../state/store.ts';
import { partsOfDrop } from '../ui/dropped-files.ts';
import css from './overlays.module.css';
import { takeDrop } from './take-drop.ts';

const carriesFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

/** Only while nothing else is open that files could be meant for. */
const isListening = (): boolean => {
  const { dialog } = useStudio.getState();
  return dialog === null || dialog === 'recipe' || dialog === 'open-models';
};

export function PageDrop(): ReactNode {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const { notify } = useStudio.getState();
    const onDragOver = (event: DragEvent): void => {
      if (event.defaultPrevented || !carriesFiles(event)) return;
      // Also where nothing takes it: the browser would leave the page for the file.
      event.preventDefault();
      setOver(isListening());
    };
    const onDragLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      if (event.defaultPrevented || !event.dataTransfer || !carriesFiles(event)) return;
      event.preventDefault();
      if (!isListening()) return;
      partsOfDrop(event.dataTransfer.items)
        .then(takeDrop)
        .catch((thrown: unknown) =>
          notify(
            'error',
            `What was dropped could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
          ),
        );
    };
    addEventListener('dragover', onDragOver);
    addEventListener('dragleave', onDragLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onDragOver);
      removeEventListener('dragleave', onDragLeave);
      removeEventListener('drop', onDrop);
    };
  }, []);
  return over ? (
    <div className={css.drop} aria-hidden>
      <p>Drop a recipe or an export, model folders, or images here.</p>
    </div>
  ) : null;
}
