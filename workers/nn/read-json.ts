import type { Finding } from '../../core/family/pairing.ts';
import { JsonField } from '../../core/json-field.ts';
import type { Checkpoint } from '../io/contract.ts';

/**
 * A JSON object of a checkpoint's folder; null where there is no such file.
 * @param findings gets what is to be said of how it is stored
 */
export async function readJson(
  checkpoint: Checkpoint,
  file: string,
  signal: AbortSignal | undefined,
  findings: Finding[],
): Promise<Record<string, unknown> | null> {
  const text = await readMarked(checkpoint, file, signal, findings);
  if (text === null) return null;
  return JsonField.parse(text, `${file} of ${checkpoint.label}`).members() as Record<string, unknown>;
}

/** A text of a checkpoint's folder without its byte order mark, of which a finding tells. */
export async function readMarked(
  checkpoint: Checkpoint,
  file: string,
  signal: AbortSignal | undefined,
  findings: Finding[],
): Promise<string | null> {
  return checkpoint.readText(file, signal, (finding) => {
    if (!findings.some(({ message }) => message === finding.message)) findings.push(finding);
  });
}
