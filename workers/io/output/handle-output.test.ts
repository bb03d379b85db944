/**
 * An export into a picked folder, against a directory in memory that can be filled up, locked and taken away.
 */
import { describe, expect, test } from 'vitest';
import { handleOutput } from './handle-output.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (content: readonly Uint8Array[]): string =>
  content.map((part) => new TextDecoder().decode(part)).join('');

/** As much of FileSystemDirectoryHandle as an export uses. Content shows on close, as in a browser. */
class FakeDirectory {
  readonly kind = 'directory';
  readonly entries = new Map<string, FakeDirectory | { content: string }>();
  /** Throws where a test wants a fault: `step` is `file`, `write`, `close`, `remove` or `list`. */
  fault: (step: string, name: string) => void = () => undefined;
  readonly name: string;

  constructor(name: string, parent?: FakeDirectory) {
    this.name = name;
    if (parent) this.fault = (step, entry) => parent.fault(step, entry);
  }

  async *keys(): AsyncGenerator<string> {
    this.fault('list', this.name);
    yield* this.entries.keys();
  }

  async getDirectoryHandle(name: string): Promise<FakeDirectory> {
    const held = this.entries.get(name) ?? new FakeDirectory(name, this);
    if (!(held instanceof FakeDirectory)) throw new DOMException('a file', 'TypeMismatchError');
    this.entries.set(name, held);
    return held;
  }

  async getFileHandle(name: string) {
    this.fault('file', name);
    const file = { content: '' };
    this.entries.set(name, file);
    const written: Uint8Array[] = [];
    return {
      createWritable: async () => ({
        write: async (part: Uint8Array) => {
          this.fault('write', name);
          written.push(part.slice());
        },
        close: async () => {
          this.fault('close', name);
          file.content = text(written);
        },
        abort: async () => undefined,
      }),
    };
  }

  async removeEntry(name: string): Promise<void> {
    this.fault('remove', name);
    const held = this.entries.get(name);
    if (!held) throw new DOMException('gone', 'NotFoundError');
    if (held instanceof FakeDirectory && held.entries.size > 0)
      throw new DOMException('not empty', 'InvalidModificationError');
    this.entries.delete(name);
  }

  /** Paths and contents. */
  listed(prefix = ''): Record<string, string> {
    const all: Record<string, string> = {};
    for (const [name, held] of this.entries) {
      if (held instanceof FakeDirectory)
        Object.assign(
          all,
          held.entries.size > 0 ? held.listed(`${prefix}${name}/`) : { [`${prefix}${name}/`]: '' },
        );
      else all[prefix + name] = held.content;
    }
    return all;
  }
}

const open = (picked: FakeDirectory) =>
  handleOutput(picked as unknown as FileSystemDirectoryHandle, 'merged');
async function put(output: Awaited<ReturnType<typeof open>>, path: string, content: string): Promise<void> {
  const file = await output.create(path);
  await file.write(bytes(content));
  await file.close();
}

describe('an export into a picked folder', () => {
  test('fills an empty folder, and gives one that holds something a subfolder of a free name', async () => {
    const empty = new FakeDirectory('new');
    const output = await open(empty);
    await put(output, 'model.safetensors', 'weights');
    await put(output, 'a/b.json', '{}');
    await output.commit();
    expect([output.label, empty.listed()]).toEqual([
      'new',
      { 'model.safetensors': 'weights', 'a/b.json': '{}' },
    ]);

    const used = new FakeDirectory('used');
    await used.getDirectoryHandle('merged');
    const second = await open(used);
    await put(second, 'config.json', '{}');
    expect([second.label, used.listed()]).toEqual([
      'used/merged-2',
      { 'merged/': '', 'merged-2/config.json': '{}' },
    ]);
  });

  test('given up half-way, takes everything away that it wrote and nothing else', async () => {
    const empty = new FakeDirectory('new');
    const output = await open(empty);
    await put(output, 'model-00001-of-00002.safetensors', 'weights');
    await put(output, 'additional_chat_templates/rag.jinja', 'x');
    const half = await output.create('model-00002-of-00002.safetensors');
    await half.write(bytes('wei'));
    expect(await output.discard()).toEqual([]);
    expect(empty.listed()).toEqual({});
    expect(await output.discard()).toEqual([]);

    const used = new FakeDirectory('used');
    await (await used.getFileHandle('letter.txt')).createWritable().then((stream) => stream.close());
    const second = await open(used);
    await put(second, 'config.json', '{}');
    expect(await second.discard()).toEqual([]);
    expect(used.listed()).toEqual({ 'letter.txt': '' });

    const third = await open(used);
    await put(third, 'config.json', '{}');
    const own = (await used.getDirectoryHandle('merged')) as FakeDirectory;
    await own.getFileHandle('put here meanwhile.txt');
    expect(await third.discard()).toEqual([]);
    expect(used.listed()).toEqual({ 'letter.txt': '', 'merged/put here meanwhile.txt': '' });
  });

  test.each([
    [
      'write',
      'QuotaExceededError',
      /model\.safetensors could not be written: there is no room left.* Free some of the disk, save into a folder on another one, or export shards/,
    ],
    ['close', 'QuotaExceededError', /there is no room left/],
    ['write', 'NotAllowedError', /may not write there, or not any more\. Choose the folder again/],
    ['file', 'NotFoundError', /the folder is not there any more/],
    ['file', 'NoModificationAllowedError', /another page or program holds it/],
    ['write', 'InvalidStateError', /changed while it was written/],
  ])('a fault at %s, %s, is said and can be tried again', async (step, name, message) => {
    const picked = new FakeDirectory('new');
    const output = await open(picked);
    await put(output, 'first.json', '{}');
    picked.fault = (at) => {
      if (at === step) throw new DOMException('the browser’s own words', name);
    };
    await expect(put(output, 'model.safetensors', 'weights')).rejects.toMatchObject({
      code: 'missing',
      retryable: true,
      message: expect.stringMatching(message),
      details: { file: 'model.safetensors' },
    });
    picked.fault = () => undefined;
    expect(await output.discard()).toEqual([]);
    expect(picked.listed()).toEqual({});
  });

  test('a folder that cannot even be looked into is named; an unknown fault keeps its words', async () => {
    const picked = new FakeDirectory('gone');
    picked.fault = (step) => {
      if (step === 'list') throw new DOMException('gone', 'NotFoundError');
    };
    await expect(open(picked)).rejects.toMatchObject({
      message: 'gone could not be written: the folder is not there any more.',
    });
    picked.fault = (step) => {
      if (step === 'file') throw new Error('Something new.');
    };
    const output = await open(picked);
    await expect(output.create('a.json')).rejects.toMatchObject({
      retryable: false,
      message: 'a.json could not be written: Something new.',
    });
  });

  test('a file that is being made when it is given up goes too', async () => {
    const picked = new FakeDirectory('new');
    const output = await open(picked);
    const make = picked.getFileHandle.bind(picked);
    picked.getFileHandle = async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return make(...asked);
    };
    const making = output.create('a.safetensors');
    expect(await output.discard()).toEqual([]);
    await making.catch(() => undefined);
    expect(picked.listed()).toEqual({});
  });

  test('what cannot be taken away is handed back', async () => {
    const picked = new FakeDirectory('locked');
    const output = await open(picked);
    await put(output, 'a.safetensors', 'x');
    await put(output, 'b.safetensors', 'y');
    picked.fault = (step, name) => {
      if (step === 'remove' && name === 'a.safetensors') throw new DOMException('no', 'NotAllowedError');
    };
    expect(await output.discard()).toEqual(['a.safetensors']);
  });

  test('is not begun or gone on with once cancelled', async () => {
    const picked = new FakeDirectory('new');
    const output = await open(picked);
    const stop = new AbortController();
    const file = await output.create('a.json', stop.signal);
    stop.abort();
    await expect(file.write(bytes('x'))).rejects.toMatchObject({ code: 'cancelled' });
    await expect(output.create('b.json', stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await output.discard();
    expect(picked.listed()).toEqual({});
  });
});
