/**
 * A file or an exported folder that is dropped anywhere on the page is looked into for a recipe, unless what
 * it was dropped on wants it.
 */
import { useEffect, useState, type ReactNode } from 'react';
import { folderFromDrop } from '../panels/sources/folder.ts';
import { attempt } from '../state/actions/action.ts';
import { actions } from '../state/actions/actions.ts';
import { useStudio } from '../state/store.ts';
import css from './overlays.module.css';

const carriesFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

/** Only while nothing else is open that files could be meant for. */
const isListening = (): boolean => {
  const { dialog } = useStudio.getState();
  return dialog === null || dialog === 'recipe';
};

/** Must be called during the event: the items are gone afterwards. */
async function droppedFiles(transfer: DataTransfer): Promise<readonly File[]> {
  const files = [...transfer.files];
  const folder = await folderFromDrop(transfer.items);
  if (!folder) return files;
  // Directly in the folder: an export has no subfolders.
  return folder.files.flatMap(({ path, file }) =>
    file instanceof File && !path.includes('/') ? [file] : [],
  );
}

export function RecipeDrop(): ReactNode {
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
      droppedFiles(event.dataTransfer).then(
        (files) => attempt(useStudio.getState(), actions.openRecipe, files),
        () => notify('error', 'The browser could not read what was dropped.'),
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
      <p>Drop a recipe, exported weights or an exported folder here.</p>
    </div>
  ) : null;
}
