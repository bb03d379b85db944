/**
 * A session as one file, `.frism`: a zip of session.json and of each large value as raw little-endian numbers, so
 * that other programs can read it too. No weights are in it, no images to calibrate on, and nothing that a person
 * has accepted: whoever opens the file accepts for themselves.
 *
 * What is read was made by anybody. Each size is known from session.json before a byte is inflated, and inflating
 * ends where more comes than was promised.
 */
import { StudioError } from '../../../core/errors.ts';
import { JsonError, parseStrictJson, type JsonValue } from '../../../core/strict-json.ts';
import { pack, unpack } from '../../../core/sessions/packing.ts';
import { presentParts, sessionVersion } from '../../../core/sessions/versions.ts';
import { checkParts, type KeptSession } from './parts.ts';

const types = { Float32Array, Float64Array, Uint8Array, Uint8ClampedArray, Uint32Array } as const;
type TypeName = keyof typeof types;
type Numbers = InstanceType<(typeof types)[TypeName]>;

const description = 'session.json';
const mostDescription = 64 * 2 ** 20;
const mostValues = 200_000;
const mostBytes = 2 ** 30;

/** What a person has accepted and was told is theirs alone, and their images stay with them. */
const notInFiles = ['accepted', 'calibration', 'log'] as const satisfies readonly (keyof KeptSession)[];

/** The name of a value in the archive. */
const place = (number: number): string => `values/${number}.bin`;

const typeOf = (value: object): TypeName | null => {
  const { name } = value.constructor;
  return Object.hasOwn(types, name) ? (name as TypeName) : null;
};

// Not needed before somebody saves or opens a file; fetched then.
const zip = async () => {
  const made = await import('@zip.js/zip.js/lib/zip-core-native.js');
  made.configure({ useWebWorkers: false });
  return made;
};

export async function writeSessionFile(name: string, kept: KeptSession): Promise<Blob> {
  const { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } = await zip();
  const shared = Object.fromEntries(
    Object.entries(kept).filter(([part]) => !(notInFiles as readonly string[]).includes(part)),
  );
  const values: Numbers[] = [];
  const numbers = new Map<object, number>();
  const parts = pack(shared, (large) => {
    const known = numbers.get(large);
    if (known !== undefined) return known;
    if (typeOf(large) === null)
      throw new StudioError(
        'internal',
        `A session holds a ${large.constructor.name}, which no file can hold.`,
      );
    numbers.set(large, values.length);
    return values.push(large as Numbers) - 1;
  });
  const session = {
    format: 'frism-session',
    version: sessionVersion,
    name,
    parts,
    values: values.map((value) => ({ type: typeOf(value), length: value.length })),
  };
  const archive = new ZipWriter(new BlobWriter('application/zip'));
  await archive.add(description, new TextReader(JSON.stringify(session)));
  for (const [number, { buffer, byteOffset, byteLength }] of values.entries())
    await archive.add(place(number), new Uint8ArrayReader(new Uint8Array(buffer, byteOffset, byteLength)));
  return archive.close();
}

interface ReadFile {
  readonly name: string;
  readonly kept: KeptSession;
  /** SHA-256 of the file, in hex. */
  readonly digest: string;
}

/** Throws `bad-file` for what is no session, and `unsupported` for one of a newer studio. */
export async function readSessionFile(file: File): Promise<ReadFile> {
  const { BlobReader, ZipReader } = await zip();
  const archive = new ZipReader(new BlobReader(file));
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of archive.getEntriesGenerator()) {
      if (entries.size > mostValues) throw damaged(`holds more than ${mostValues} files`);
      if (!entry.directory) entries.set(entry.filename, entry as Entry);
    }
    const described = entries.get(description);
    if (!described) throw damaged(`has no ${description}`);
    if (described.uncompressedSize > mostDescription) throw damaged('is larger than any session');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      await inflated(described, described.uncompressedSize),
    );
    const root = plain(parseStrictJson(text, { maxDepth: 32, maxValues: 5_000_000 }));
    const { name, version, parts, specs } = descriptionOf(root);
    const values: Numbers[] = [];
    let total = 0;
    for (const [number, { type, length }] of specs.entries()) {
      const bytes = length * types[type].BYTES_PER_ELEMENT;
      total += bytes;
      if (total > mostBytes) throw damaged('holds more than a gigabyte');
      const entry = entries.get(place(number));
      if (entry?.uncompressedSize !== bytes)
        throw damaged(`lacks the value ${number}, or has another size of it`);
      values.push(new types[type]((await inflated(entry, bytes)).buffer));
    }
    const all = unpack(parts, (number) => values[number] ?? null) as Record<string, unknown>;
    const own = notInFiles.find((part) => Object.hasOwn(all, part));
    if (own !== undefined) throw damaged(`has the part “${own}”, which is never in a file`);
    return { name, kept: checkParts(presentParts(version, all)), digest: await digestOf(file) };
  } catch (thrown) {
    if (thrown instanceof StudioError) {
      throw new StudioError(thrown.code, `${file.name}: ${thrown.message}`, { details: { file: file.name } });
    }
    const why = thrown instanceof JsonError || thrown instanceof Error ? thrown.message : String(thrown);
    throw new StudioError(
      'bad-file',
      `${file.name} cannot be read as a session: ${why}. Save the session again where it was made.`,
      { details: { file: file.name }, cause: thrown },
    );
  } finally {
    await archive.close().catch(() => undefined);
  }
}

const digestOf = async (file: Blob): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

interface Entry {
  readonly filename: string;
  readonly encrypted: boolean;
  readonly uncompressedSize: number;
  getData(writable: WritableStream<Uint8Array>, options: { checkSignature: boolean }): Promise<unknown>;
}

/** All bytes of an entry; throws as soon as there are more than `promised`, and where there are fewer. */
async function inflated(entry: Entry, promised: number): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.encrypted) throw damaged('is encrypted');
  const bytes = new Uint8Array(promised);
  let at = 0;
  const into = new WritableStream<Uint8Array>({
    write(chunk) {
      if (at + chunk.length > promised) throw damaged(`inflates to more than it says in ${entry.filename}`);
      bytes.set(chunk, at);
      at += chunk.length;
    },
  });
  await entry.getData(into, { checkSignature: true });
  if (at !== promised) throw damaged(`ends too soon in ${entry.filename}`);
  return bytes;
}

interface Described {
  readonly name: string;
  readonly version: number;
  readonly parts: unknown;
  readonly specs: readonly { readonly type: TypeName; readonly length: number }[];
}

function descriptionOf(root: unknown): Described {
  if (typeof root !== 'object' || root === null || !('format' in root) || root.format !== 'frism-session')
    throw damaged('says of itself that it is something else');
  const { name, version, parts, values, ...rest } = root as Record<string, unknown>;
  const other = Object.keys(rest).find((key) => key !== 'format');
  if (other !== undefined) throw damaged(`has a part “${other.slice(0, 80)}”, which is none of a session`);
  if (typeof name !== 'string' || name.length > 500) throw damaged('has no proper name');
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw damaged('does not say its version');
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) throw damaged('has no parts');
  if (!Array.isArray(values) || values.length > mostValues) throw damaged('does not list its values');
  const specs = values.map((value: unknown) => {
    const { type, length } = (value ?? {}) as { type?: unknown; length?: unknown };
    if (typeof type !== 'string' || !Object.hasOwn(types, type))
      throw damaged('has a value of an unknown type');
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0 || length > mostBytes)
      throw damaged('has a value of an impossible length');
    return { type: type as TypeName, length };
  });
  return { name, version, parts, specs };
}

/** As objects: `__proto__` is a key like any other. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

const damaged = (what: string): StudioError =>
  new StudioError('bad-file', `This session file ${what}. Save the session again where it was made.`);
