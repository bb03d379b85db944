/**
 * Reads a safetensors header and believes nothing in it.
 *
 * Layout: u64 little-endian N, N bytes of JSON, data. As the reference crate (safetensors 0.8,
 * `Metadata::validate`) this demands that the tensors cover the data without holes or overlap and to its last
 * byte; beyond it, that no key is given twice. White space around the JSON and `__metadata__: null` are legal
 * there, and here. Every error is a StudioError `bad-file` or `unsupported` that
 * names the file and, where there is one, the tensor.
 */
import { isLfsPointer, lfsPointer } from '../files/text.ts';
import { StudioError, type ErrorDetails } from '../errors.ts';
import { JsonError, parseStrictJson, type JsonObject, type JsonValue } from '../strict-json.ts';
import { dtypeBytes, isDtype, type Dtype } from './dtype.ts';

/** The reference refuses longer headers too: whatever claims one is no safetensors file. */
const maxLegalHeaderBytes = 100_000_000;
/**
 * Ours is lower: a text in memory, parsed and as bytes takes several times its length. That is 100,000
 * tensors with 300 characters each, or a recipe of millions of gates in `__metadata__`.
 */
export const maxHeaderBytes = 32 * 2 ** 20;
/**
 * A header with more would only exhaust the page; checkpoints of the models this studio knows have hundreds.
 */
export const maxTensors = 100_000;

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes [begin, end) of the file, not of the data section. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  readonly tensors: readonly TensorInfo[];
  /** `__metadata__`, in the order of the file; empty when there is none. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the data section starts. */
  readonly dataBegin: number;
}

const quote = (value: unknown): string => {
  const text =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value instanceof Map ? '{…}' : value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
};

const remedy =
  'Download the file again, or write it again with the program that made it (save_file of safetensors).';

/** The remedy follows unless the message has one. */
function refuse(file: string, message: string, details: ErrorDetails = {}): never {
  const whole = /Download|download again/.test(message) ? message : `${message} ${remedy}`;
  throw new StudioError('bad-file', `${file}: ${whole}`, { details: { file, ...details } });
}

/** N from the first 8 bytes of the file. `bytes` may be longer. */
export function headerLength(bytes: Uint8Array, fileSizeBytes: number, file: string): number {
  if (fileSizeBytes === 0)
    refuse(
      file,
      'is empty (0 bytes), so it holds no weights: its download or copy broke off before it began. Download the file again.',
      { value: 0 },
    );
  if (fileSizeBytes < 8 || bytes.length < 8)
    refuse(file, `is ${fileSizeBytes} bytes long, too short for a safetensors file.`, {
      value: fileSizeBytes,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (isLfsPointer(bytes.subarray(0, 8))) {
    throw new StudioError('bad-file', `${file}: is ${lfsPointer}`, { details: { file } });
  }
  if (length > maxLegalHeaderBytes)
    refuse(
      file,
      `does not look like safetensors: it claims a header of ${length} bytes, above the limit of ${maxLegalHeaderBytes}. It may be another format under this name. Download the file again.`,
      { value: length },
    );
  if (8 + length > fileSizeBytes)
    refuse(
      file,
      `claims a header of ${length} bytes but is only ${fileSizeBytes} bytes long; the download may be incomplete.`,
      { value: length },
    );
  if (length > maxHeaderBytes) {
    throw new StudioError(
      'unsupported',
      `${file}: has a header of ${length} bytes; this studio reads up to ${maxHeaderBytes}. Split a file of so many tensors into shards.`,
      { details: { file, value: length } },
    );
  }
  return length;
}

/** `bytes`: the file's first 8 + N bytes or more. */
export function parseHeader(bytes: Uint8Array, fileSizeBytes: number, file: string): SafetensorsHeader {
  const length = headerLength(bytes, fileSizeBytes, file);
  if (bytes.length < 8 + length)
    refuse(file, `its header of ${length} bytes was only read to byte ${bytes.length}.`, { value: length });
  const root = parseJsonObject(bytes.subarray(8, 8 + length), file);
  const dataBegin = 8 + length;
  const dataBytes = fileSizeBytes - dataBegin;

  let metadata: ReadonlyMap<string, string> = new Map();
  const tensors: TensorInfo[] = [];
  for (const [name, value] of root) {
    if (name === '__metadata__') metadata = readMetadata(value, file);
    else tensors.push(readTensor(name, value, dataBegin, dataBytes, file));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, dataBegin, fileSizeBytes, file);
  return { tensors, metadata, dataBegin };
}

function parseJsonObject(bytes: Uint8Array, file: string): JsonObject {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StudioError('bad-file', `${file}: the header is not valid UTF-8. ${remedy}`, {
      details: { file },
      cause,
    });
  }
  // What RFC 8259 calls white space; a no-break space or a byte order mark is none.
  if (!/^[ \t\n\r]*\{/.test(text))
    refuse(file, 'the header does not start with "{", so this is not a safetensors file.', {
      value: quote(text.slice(0, 16)),
    });
  // Before it is parsed: 100,000 tensors are 100 MB of objects.
  if (occursMoreOften(text, '"data_offsets"', maxTensors)) refuseCrowd(file);
  try {
    const root = parseStrictJson(text, { maxDepth: 4, maxValues: 12 * maxTensors, maxMembers: maxTensors });
    if (root instanceof Map) return root;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    if (cause.reason === 'members') refuseCrowd(file, cause);
    throw new StudioError(
      'bad-file',
      `${file}: the header is not valid JSON: ${quote(cause.message)}. ${remedy}`,
      {
        details: { file },
        cause,
      },
    );
  }
  return refuse(file, 'the header is not a JSON object.');
}

function refuseCrowd(file: string, cause?: unknown): never {
  throw new StudioError(
    'unsupported',
    `${file}: holds more than ${maxTensors} tensors, more than this studio reads.`,
    { details: { file, value: maxTensors }, cause },
  );
}

/**
 * Quotes are part of the word, and within a string they are escaped: so it is found where it is a key, or a
 * value all by itself.
 */
function occursMoreOften(text: string, word: string, times: number): boolean {
  let count = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    if (++count > times) return true;
  return false;
}

function readMetadata(value: JsonValue, file: string): ReadonlyMap<string, string> {
  if (value === null) return new Map();
  if (!(value instanceof Map))
    return refuse(file, '__metadata__ must be an object of strings.', { value: quote(value) });
  const entries = new Map<string, string>();
  for (const [key, text] of value) {
    if (typeof text !== 'string')
      return refuse(file, `__metadata__ must hold strings only, but ${quote(key)} is ${quote(text)}.`, {
        value: quote(text),
      });
    if (halfPair.test(key) || halfPair.test(text))
      return refuse(file, '__metadata__ holds half of a surrogate pair, which is no text.', {
        value: quote(key),
      });
    entries.set(key, text);
  }
  return entries;
}

/** An escape such as \ud83d by itself: UTF-8 cannot hold it, and a file with that name could not be written. */
const halfPair = /\p{Surrogate}/u;

const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function readTensor(
  name: string,
  value: JsonValue,
  dataBegin: number,
  dataBytes: number,
  file: string,
): TensorInfo {
  const bad = (message: string, culprit?: unknown): never =>
    refuse(file, `tensor ${quote(name)}: ${message}`, {
      tensor: quote(name),
      ...(culprit === undefined ? {} : { value: quote(culprit) }),
    });
  if (halfPair.test(name)) return bad('its name holds half of a surrogate pair, which is no text.');
  if (!(value instanceof Map)) return bad('must be an object with dtype, shape and data_offsets.', value);

  const dtype = value.get('dtype');
  if (typeof dtype !== 'string') return bad('has no dtype.', dtype ?? 'none');
  if (!isDtype(dtype)) {
    const message = `${file}: tensor ${quote(name)} has the element type ${quote(dtype)}, which this studio cannot read; it reads ${Object.keys(dtypeBytes).join(', ')}.`;
    throw new StudioError('unsupported', message, {
      details: { file, tensor: quote(name), value: quote(dtype) },
    });
  }

  const shape = value.get('shape');
  if (!Array.isArray(shape) || !shape.every(isCount))
    return bad(`shape must be a list of non-negative whole numbers, not ${quote(shape)}.`, shape);
  // Exact as long as every partial product is a safe integer; a zero anywhere makes the tensor empty whatever
  // the order.
  let elements = shape.includes(0) ? 0 : 1;
  for (const size of shape) elements *= size;
  const sizeBytes = elements * dtypeBytes[dtype];
  if (!Number.isSafeInteger(sizeBytes)) return bad(`its shape ${quote(shape)} is impossibly large.`, shape);

  const offsets = value.get('data_offsets');
  const [begin, end] = Array.isArray(offsets) ? offsets : [];
  if (!Array.isArray(offsets) || offsets.length !== 2 || !isCount(begin) || !isCount(end)) {
    return bad(`data_offsets must be two non-negative whole numbers, not ${quote(offsets)}.`, offsets);
  }
  if (begin > end) return bad(`data_offsets run backwards, from ${begin} to ${end}.`, begin);
  if (end > dataBytes)
    return bad(
      `its data would end at byte ${end}, but the file holds ${dataBytes} bytes of data; the download may be incomplete.`,
      end,
    );
  if (end - begin !== sizeBytes)
    return bad(
      `shape ${quote(shape)} of ${dtype} needs ${sizeBytes} bytes, but data_offsets span ${end - begin}.`,
      end - begin,
    );
  return { name, dtype, shape, begin: dataBegin + begin, end: dataBegin + end };
}

function checkCoverage(
  tensors: readonly TensorInfo[],
  dataBegin: number,
  fileSizeBytes: number,
  file: string,
): void {
  let covered = dataBegin;
  for (const { name, begin, end } of tensors) {
    if (begin !== covered) {
      const what =
        begin < covered
          ? 'overlaps the tensor before it'
          : `leaves ${begin - covered} unclaimed bytes before it`;
      refuse(file, `tensor ${quote(name)} ${what} (data offset ${begin - dataBegin}).`, {
        tensor: quote(name),
        value: begin - dataBegin,
      });
    }
    covered = end;
  }
  if (covered !== fileSizeBytes)
    refuse(
      file,
      `has ${fileSizeBytes - covered} bytes after the last tensor that no tensor claims. The format allows none, and safetensors refuses such a file: something was appended to it, or its header belongs to another file.`,
      { value: fileSizeBytes - covered },
    );
}
