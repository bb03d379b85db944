/** A text file of a model folder, as long as such a file may be. */
import type { Finding } from '../../../core/family/pairing.ts';
import { StudioError } from '../../../core/errors.ts';
import { isLfsPointer, isUtf16, lfsPointer } from '../../../core/files/text.ts';
import type { ModelFolder } from '../contract.ts';

/** Tokenizers of large vocabularies reach 35 MB. */
const maxTextBytes = 64 * 2 ** 20;

export async function readFolderText(
  folder: ModelFolder,
  path: string,
  signal?: AbortSignal,
  maxBytes?: number,
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<string | null> {
  const read = await readMarkedText(folder, path, signal, maxBytes);
  read?.findings.forEach(onFinding);
  return read?.text ?? null;
}

/** The text, and what is to be said of it: Python, and so transformers, refuses a byte order mark in JSON. */
export async function readMarkedText(
  folder: ModelFolder,
  path: string,
  signal?: AbortSignal,
  maxBytes = maxTextBytes,
): Promise<{ readonly text: string; readonly findings: readonly Finding[] } | null> {
  const source = await folder.open(path, signal);
  if (!source) return null;
  if (source.sizeBytes > maxBytes) {
    throw new StudioError(
      'bad-file',
      `${source.name} is ${source.sizeBytes} bytes long, too long for such a file: at most ${maxBytes} are read.`,
      { details: { file: source.name, value: source.sizeBytes } },
    );
  }
  const bytes = await source.read(0, source.sizeBytes, signal);
  if (isLfsPointer(bytes))
    throw new StudioError('bad-file', `${source.name} is ${lfsPointer}`, { details: { file: source.name } });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, findings: hasMark(bytes) ? [marked(folder.label, path)] : [] };
  } catch (cause) {
    throw new StudioError('bad-file', `${source.name} is not valid UTF-8 text${otherwise(bytes)}`, {
      details: { file: source.name },
      cause,
    });
  }
}

/** What the bytes may be, and what to do: the end of a sentence. */
function otherwise(bytes: Uint8Array): string {
  if (isUtf16(bytes))
    return ': it is UTF-16, as some editors and PowerShell save it, and transformers does not read it either. Save it as UTF-8.';
  return ', so that what it says is not known. Download the file again, or save it as UTF-8.';
}

const hasMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

const marked = (label: string, path: string): Finding => ({
  code: 'byte-order-mark',
  severity: 'warning',
  tensors: [],
  message: `${path} of ${label} begins with a byte order mark.`,
  remedy: `It is read without the mark. ${path.endsWith('.json') ? 'transformers refuses such a file' : 'transformers takes the mark for a part of the text'}, also where an export has a copy of it: save it as UTF-8 without a mark.`,
});
