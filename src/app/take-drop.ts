/**
 * What becomes of things that are dropped on the page: a session of a file is put back; a recipe, or an export that has one, is opened; model
 * folders and a trio with a manifest go into the dialog for opening models; an image is asked about, and several
 * are calibrated on. Anything else is told what it is and where it goes.
 */
import { fileKind, headBytes, type FileKind } from '../../core/files/file-kind.ts';
import { readRecipeFile } from '../../core/recipe/file.ts';
import type { FolderSource } from '../../protocol/session.ts';
import { useCalibrationDraft } from '../panels/calibration/draft-store.ts';
import { pickedOfDrop, withImages } from '../panels/calibration/draft.ts';
import { useDraft } from '../panels/sources/draft-store.ts';
import { folderFromDrop } from '../panels/sources/folder.ts';
import { manifestFolder, modelFolders } from '../panels/sources/place.ts';
import { attempt, refused } from '../state/actions/action.ts';
import { actions } from '../state/actions/actions.ts';
import { useStudio } from '../state/store.ts';
import type { DroppedFolder } from '../ui/dropped-files.ts';

export interface Drop {
  readonly folders: readonly DroppedFolder[];
  readonly files: readonly File[];
}

/** Directly in a folder: an export has no subfolders. */
const topFiles = ({ folders }: Drop): readonly File[] =>
  folders.flatMap(({ files }) => files.flatMap(({ path, file }) => (path.includes('/') ? [] : [file])));

const headOf = async (file: File): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(0, headBytes).arrayBuffer());

export async function takeDrop(drop: Drop): Promise<void> {
  const state = useStudio.getState();
  const { dialog, notify } = state;
  if (dialog === 'recipe') return attempt(state, actions.openRecipe, [...drop.files, ...topFiles(drop)]);
  if (dialog === 'open-models')
    return drop.folders.length > 0
      ? useDraft.getState().place(drop.folders.map(folderFromDrop))
      : notify('warning', 'These are single files. Drop the folders of the three models.');
  return drop.folders.length > 0 ? takeFolders(drop) : takeFiles(drop.files);
}

async function takeFolders(drop: Drop): Promise<void> {
  const state = useStudio.getState();
  const tops = topFiles(drop);
  if (await carriesRecipe(tops)) return attempt(state, actions.openRecipe, tops);
  if (await holdsModels(drop.folders)) {
    await useDraft.getState().place(drop.folders.map(folderFromDrop));
    return attempt(state, actions.open);
  }
  const inFolders = drop.folders.flatMap(({ label, files }) =>
    files.map((file) => ({ ...file, folder: label })),
  );
  if (pickedOfDrop(inFolders).images.length > 0)
    return calibrateOn([...inFolders, ...drop.files.map(asDropped)]);
  const names = drop.folders.map(({ label }) => `“${label}”`).join(', ');
  state.notify(
    'warning',
    `There is nothing in ${names} that the studio opens: no recipe, no model with a config.json and weights, and no image.`,
  );
}

const asDropped = (file: File) => ({ path: file.name, file, folder: null });

async function takeFiles(files: readonly File[]): Promise<void> {
  const state = useStudio.getState();
  const kinds = await Promise.all(files.map(async (file) => fileKind(file.name, await headOf(file))));
  const session = files[kinds.findIndex(({ id }) => id === 'session')];
  if (session) return attempt(state, actions.openSession, session);
  const is = (...ids: readonly FileKind['id'][]): boolean => kinds.some(({ id }) => ids.includes(id));
  if (files.some(({ name }) => name.toLowerCase() === 'recipe.json') || is('zip', 'safetensors', 'json'))
    return attempt(state, actions.openRecipe, files);
  const images = files.filter((_, i) => kinds[i]?.id === 'image');
  const [image] = images;
  if (images.length === files.length && image)
    return images.length === 1 ? askAbout(image) : calibrateOn(images.map(asDropped));
  const odd = kinds.findIndex(({ id }) => id !== 'image');
  const [file, kind] = [files[odd], kinds[odd]];
  if (file && kind) state.notify('warning', `${file.name} is ${kind.name}. ${kind.goes}`);
}

async function askAbout(image: File): Promise<void> {
  const { session, bringImage, notify } = useStudio.getState();
  if (!session?.forward.available)
    return notify(
      'warning',
      `${image.name} is an image. It can be asked about once models are open that can be run here.`,
    );
  try {
    await bringImage(image);
    notify('info', `${image.name} is the image under “Try it” now.`);
  } catch (thrown) {
    notify('error', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function calibrateOn(dropped: Parameters<typeof pickedOfDrop>[0]): void {
  const state = useStudio.getState();
  if (refused(state, actions.calibration)) return;
  const { draft, change } = useCalibrationDraft.getState();
  change({ images: withImages(draft.images, pickedOfDrop(dropped).images) });
  attempt(state, actions.calibration);
}

/** By its name, or in the header of weights that were exported. */
async function carriesRecipe(files: readonly File[]): Promise<boolean> {
  if (files.some(({ name }) => name.toLowerCase() === 'recipe.json')) return true;
  const [weights] = files
    .filter(({ name }) => name.toLowerCase().endsWith('.safetensors'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return (
    weights !== undefined &&
    readRecipeFile(weights).then(
      () => true,
      () => false,
    )
  );
}

async function holdsModels(folders: readonly FolderSource[]): Promise<boolean> {
  for (const folder of folders)
    if (modelFolders(folder).length > 0 || (await manifestFolder(folder)) !== null) return true;
  return false;
}
