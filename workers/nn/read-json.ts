import { parseBoundedJson } from '../../core/bounded-json.ts';
import { StudioError } from '../../core/errors.ts';
import type { Checkpoint } from '../io/contract.ts';

/** A JSON object of a checkpoint's folder; null where there is no such file. */
export async function readJson(
  checkpoint: Checkpoint,
  file: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown> | null> {
  const text = await checkpoint.readText(file, signal);
  if (text === null) return null;
  try {
    const value: unknown = parseBoundedJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below, with the name of the file.
  }
  throw new StudioError('bad-file', `${file} of ${checkpoint.label} is not a JSON object.`, {
    details: { file },
  });
}
