/** The session on the page as a file, handed to the browser. */
import { toPlainError } from '../../../protocol/wire.ts';
import type { SliceContext } from '../context.ts';

/** A name that any system takes for a file. */
const fileName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'session';

/**
 * Says what was done, or why it could not be.
 * @param know has the engine say by what its models are known again
 */
export async function saveToFile(
  { get }: Pick<SliceContext, 'get'>,
  know: () => Promise<void>,
  download: (name: string, content: Blob) => void,
): Promise<void> {
  const { keeping, session, calibration } = get();
  const name = keeping.name || (session?.label ?? '');
  try {
    const { keepAll, writeSessionFile } = await import('./kept-session.ts');
    await know();
    download(`${fileName(name)}.frism`, await writeSessionFile(name, keepAll(get())));
    get().notify(
      'info',
      `The session was saved to a file, without weights${calibration.own ? ' and without your own calibration images' : ''}. Drop it on this page to have it again.`,
    );
  } catch (thrown) {
    get().notify('error', toPlainError(thrown).message);
  }
}
