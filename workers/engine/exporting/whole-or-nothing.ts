/** An output folder that is committed when all of it has been written, and taken away when something failed. */
import { StudioError, toStudioError } from '../../../core/errors.ts';
import type { ExportReport } from '../../../protocol/engine.ts';
import type { OutputFolder } from '../../io/contract.ts';
import { countingOutput } from '../../io/output/counting-output.ts';

/** An output folder, and how its content is handed to the page once it is committed. */
export interface ExportOutput extends OutputFolder {
  archive?(): Promise<Blob>;
}

type Written = Pick<ExportReport, 'place' | 'files' | 'archive'>;

/** Where what was written cannot be taken away, the error names it. */
export async function wholeOrNothing<T>(
  open: () => Promise<ExportOutput>,
  write: (output: OutputFolder) => Promise<T>,
): Promise<T & Written> {
  const opened = await open();
  const { output, files } = countingOutput(opened);
  try {
    const made = await write(output);
    await output.commit();
    return { ...made, place: opened.label, files, archive: (await opened.archive?.()) ?? null };
  } catch (thrown) {
    const left = await output.discard();
    if (left.length === 0) throw thrown;
    const error = toStudioError(thrown);
    const names = left.join(', ');
    throw new StudioError(
      error.code,
      `${error.message} What was already written could not be removed, and it is not a whole model. Remove ${names} from ${opened.label}.`,
      { retryable: error.retryable, details: { ...error.details, left: names }, cause: thrown },
    );
  }
}
