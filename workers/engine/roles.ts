/**
 * One thing for each of the three models. A fault that concerns one of them names it in `details.role`, so
 * that the page can show it in the right place.
 */
import type { Role } from '../../core/family/trio.ts';
import { StudioError } from '../../core/errors.ts';
import type { ByteSource, ModelFolder } from '../io/contract.ts';

export type PerRole<T> = Readonly<Record<Role, T>>;

export const perRole = <T>(make: (role: Role) => T): PerRole<T> => ({
  base: make('base'),
  vlm: make('vlm'),
  lrm: make('lrm'),
});

/** Does the work for all three models at once. The first failure stops the other two. */
export async function together<T>(
  signal: AbortSignal,
  make: (role: Role, signal: AbortSignal) => Promise<T>,
): Promise<PerRole<T>> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const begin = (role: Role): Promise<T> => blaming(role, () => make(role, either));
  try {
    const [base, vlm, lrm] = await Promise.all([begin('base'), begin('vlm'), begin('lrm')]);
    return { base, vlm, lrm };
  } catch (thrown) {
    failed.abort();
    throw thrown;
  }
}

async function blaming<T>(role: Role, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    if (!(thrown instanceof StudioError) || thrown.details['role'] !== undefined) throw thrown;
    const { code, message, retryable, details } = thrown;
    throw new StudioError(code, message, { retryable, details: { ...details, role }, cause: thrown });
  }
}

/** The same folder; whatever goes wrong in it, at opening or at any later read, is blamed on `role`. */
export function blamedFolder(role: Role, folder: ModelFolder): ModelFolder {
  const blamedSource = (source: ByteSource): ByteSource => ({
    name: source.name,
    sizeBytes: source.sizeBytes,
    read: (begin, end, signal) => blaming(role, () => source.read(begin, end, signal)),
  });
  const { list } = folder;
  return {
    label: folder.label,
    remote: folder.remote ?? false,
    open: (path, signal) =>
      blaming(role, async () => {
        const source = await folder.open(path, signal);
        return source && blamedSource(source);
      }),
    ...(list && { list: (signal?: AbortSignal) => blaming(role, () => list(signal)) }),
  };
}
