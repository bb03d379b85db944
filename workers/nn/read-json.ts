import { JsonField } from '../../core/json-field.ts';
import type { Checkpoint } from '../io/contract.ts';

/** A JSON object of a checkpoint's folder; null where there is no such file. */
export async function readJson(
  checkpoint: Checkpoint,
  file: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown> | null> {
  const text = await checkpoint.readText(file, signal);
  if (text === null) return null;
  return JsonField.parse(text, `${file} of ${checkpoint.label}`).members() as Record<string, unknown>;
}
