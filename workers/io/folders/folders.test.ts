/** Every kind of folder gives the same bytes, and the HTTP one copes with what servers do. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFolder } from '../contract.ts';
import { nodeDirectory } from './directory.node.ts';
import { memoryFolder } from './memory-folder.ts';
import { pickedFolder } from './picked-folder.ts';
import { urlFolder, type UrlFolderOptions } from './url-folder.ts';

const large = Uint8Array.from({ length: 3 * 2 ** 20 + 17 }, (_, i) => (i * 31 + (i >> 8)) & 255);
/** Above the size that is fetched whole. */
const huge = new Uint8Array(40 * 2 ** 20).map((_, i) => (i >> 12) & 255);
const files: Record<string, Uint8Array> = {
  'config.json': new TextEncoder().encode('{}'),
  'model.safetensors': large,
  'sub/empty': new Uint8Array(0),
  'huge.bin': huge,
};
/**
 * `gzip-ranges`: ranges of the compressed file, as a server or a cache that keeps it compressed may cut them.
 */
const gzipped = new Map(Object.entries(files).map(([path, bytes]) => [path, gzipSync(bytes)]));

type Mode =
  | 'ranges'
  | 'whole'
  | 'spa'
  | 'wrong-range'
  | 'flaky'
  | 'broken'
  | 'forbidden'
  | 'cut'
  | 'gzip'
  | 'gzip-ranges';

let server: Server;
let origin: string;
let directory: string;
let requests: { readonly url: string; readonly range: string | undefined }[] = [];
let failures = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, mode, ...rest] = (request.url ?? '').split('/') as [string, Mode, ...string[]];
  requests.push({ url: request.url ?? '', range: request.headers.range });
  const body = files[decodeURIComponent(rest.join('/'))];
  if (mode === 'broken' || (mode === 'flaky' && failures++ < 2)) return void response.writeHead(503).end();
  if (mode === 'forbidden') return void response.writeHead(403).end();
  if (!body && mode === 'spa')
    return void response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end('<!doctype html><div id=root></div>');
  if (!body) return void response.writeHead(404).end('no');
  // Servers do not compress what would grow by it.
  if ((mode === 'gzip' || mode === 'gzip-ranges') && body.length > 64)
    return answerGzipped(
      request,
      response,
      gzipped.get(decodeURIComponent(rest.join('/'))) ?? Buffer.alloc(0),
      mode === 'gzip-ranges',
    );
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (mode === 'whole' || mode === 'spa' || !match)
    return void response.writeHead(200, { 'content-length': body.length }).end(body);
  const begin = Number(match[1]);
  if (begin >= body.length)
    return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
  const end = Math.min(body.length, Number(match[2]) + 1);
  if (mode === 'wrong-range')
    return void response
      .writeHead(206, { 'content-range': `bytes ${begin + 1}-${end}/${body.length}` })
      .end(body.subarray(begin, end));
  response.writeHead(206, {
    'content-range': `bytes ${begin}-${end - 1}/${body.length}`,
    'content-length': end - begin,
  });
  if (mode !== 'cut') return void response.end(body.subarray(begin, end));
  // The connection is ended behind what was sent: the reader gets all of it, and then the end.
  response.write(body.subarray(begin, begin + (end - begin) / 2), () => response.socket?.end());
}

function answerGzipped(
  { headers }: IncomingMessage,
  response: ServerResponse,
  coded: Buffer,
  ranges: boolean,
): void {
  const match = ranges ? /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') : null;
  const encoding = { 'content-encoding': 'gzip' };
  if (!match) return void response.writeHead(200, { ...encoding, 'content-length': coded.length }).end(coded);
  const [begin, end] = [Number(match[1]), Math.min(coded.length, Number(match[2]) + 1)];
  response
    .writeHead(206, {
      ...encoding,
      'content-range': `bytes ${begin}-${end - 1}/${coded.length}`,
      'content-length': end - begin,
    })
    .end(coded.subarray(begin, end));
}

/** What a page sees of an answer from another origin: decoded, without the header that says it was coded. */
const hidingCoding: typeof fetch = async (...request) => {
  const response = await fetch(...request);
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  return new Response(response.body, { status: response.status, headers });
};

/** Chromium, where a server compresses in spite of the range. */
const failingCodedRanges: typeof fetch = (url, init) =>
  new Headers(init?.headers).has('range')
    ? Promise.reject(new TypeError('Failed to fetch'))
    : fetch(url, init);

beforeAll(async () => {
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  directory = await mkdtemp(join(tmpdir(), 'folders-'));
  await mkdir(join(directory, 'sub'));
  for (const [path, bytes] of Object.entries(files)) await writeFile(join(directory, path), bytes);
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

const http = (mode: Mode, options: UrlFolderOptions = {}): ModelFolder => {
  requests = [];
  failures = 0;
  return urlFolder(`${origin}/${mode}`, { backoff: { firstMs: 1 }, ...options });
};

const folders: readonly [string, () => ModelFolder][] = [
  ['memory', () => memoryFolder('m', files)],
  [
    'picked files',
    () =>
      pickedFolder({
        label: 'm',
        files: Object.entries(files).map(([path, bytes]) => ({
          path,
          file: new Blob([new Uint8Array(bytes)]),
        })),
      }),
  ],
  ['a directory', () => nodeDirectory(directory)],
  ['HTTP with ranges', () => http('ranges')],
  ['HTTP without ranges', () => http('whole')],
  ['HTTP of a single-page site', () => http('spa')],
  ['HTTP that fails now and then', () => http('flaky')],
  ['HTTP that compresses', () => http('gzip')],
  ['HTTP with ranges of compressed files', () => http('gzip-ranges')],
  ['HTTP of another origin that compresses', () => http('gzip', { fetch: hidingCoding })],
  [
    'HTTP that compresses, in a browser that fails such ranges',
    () => http('gzip', { fetch: failingCodedRanges }),
  ],
  [
    'HTTP of another origin with ranges of compressed files',
    () => http('gzip-ranges', { fetch: hidingCoding }),
  ],
];

describe.each(folders)('%s', (_, make) => {
  it('gives any range, in any order and together', async () => {
    const source = await make().open('model.safetensors');
    expect(source?.sizeBytes).toBe(large.length);
    const ranges: [number, number][] = [
      [2_000_000, 2_000_100],
      [0, 8],
      [1_048_570, 1_048_590],
      [5, 5],
      [large.length - 3, large.length],
      [0, large.length],
    ];
    const read = await Promise.all(ranges.map(([begin, end]) => source?.read(begin, end)));
    ranges.forEach(([begin, end], i) =>
      expect(Buffer.from(read[i] ?? []).equals(Buffer.from(large.subarray(begin, end)))).toBe(true),
    );
    // The bytes belong to the receiver: writing into them changes nothing that is read later.
    read[1]?.fill(7);
    expect(await source?.read(0, 8)).toEqual(large.slice(0, 8));
  });

  it('knows missing and empty files, refuses ranges outside and paths that lead out', async () => {
    const folder = make();
    expect(await folder.open('tokenizer.json')).toBeNull();
    expect((await folder.open('sub/empty'))?.sizeBytes).toBe(0);
    const source = await folder.open('config.json');
    await expect(source?.read(0, 3)).rejects.toMatchObject({ code: 'internal' });
    for (const path of ['../x', '/etc/passwd', 'a/../../b', 'a\\b', '', './config.json', 'https://x/y']) {
      await expect(folder.open(path)).rejects.toMatchObject({ code: 'bad-request' });
    }
  });

  it('stops when told to', async () => {
    const folder = make();
    const source = await folder.open('huge.bin');
    const stop = new AbortController();
    stop.abort();
    await expect(folder.open('config.json', stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(source?.read(39 * 2 ** 20, 40 * 2 ** 20, stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('HTTP', () => {
  it('fetches a file of moderate size in two requests, however it is read', async () => {
    let arrived = 0;
    const source = await http('ranges', { onBytes: (bytes) => (arrived += bytes) }).open('model.safetensors');
    for (let at = 0; at + 1000 < large.length; at += 100_000) await source?.read(at, at + 1000);
    expect(requests.map(({ range }) => range)).toEqual([
      'bytes=0-1048575',
      `bytes=1048576-${large.length - 1}`,
    ]);
    expect(arrived).toBe(large.length);
  });

  it('never downloads a file twice from a server without ranges', async () => {
    const source = await http('whole').open('huge.bin');
    expect(await source?.read(30 * 2 ** 20, 30 * 2 ** 20 + 4)).toEqual(
      huge.slice(30 * 2 ** 20, 30 * 2 ** 20 + 4),
    );
    expect(requests.length).toBe(1);
  });

  it('reads a large file by windows', async () => {
    const source = await http('ranges').open('huge.bin');
    for (let i = 0; i < 50; i += 1)
      expect((await source?.read(20 * 2 ** 20 + i * 1000, 20 * 2 ** 20 + i * 1000 + 1000))?.length).toBe(
        1000,
      );
    expect(requests.length).toBe(2);
  });

  it('tells faults that pass from faults that stay', async () => {
    await expect(http('broken').open('config.json')).rejects.toMatchObject({
      code: 'network',
      retryable: true,
    });
    expect(requests.length).toBe(4);
    await expect(http('forbidden').open('config.json')).rejects.toMatchObject({
      code: 'network',
      retryable: false,
    });
    expect(requests.length).toBe(1);
    await expect(http('wrong-range').open('config.json')).rejects.toThrow(/another range/);
    await expect(http('cut').open('config.json')).rejects.toMatchObject({ code: 'network', retryable: true });
    await expect(
      urlFolder('http://127.0.0.1:9/x', { backoff: { firstMs: 1 } }).open('config.json'),
    ).rejects.toMatchObject({ code: 'network', retryable: true });
  });

  it('notices a file that changed on the server', async () => {
    const source = await http('ranges').open('huge.bin');
    const before = files['huge.bin'];
    files['huge.bin'] = huge.subarray(0, huge.length - 1);
    await expect(source?.read(20 * 2 ** 20, 21 * 2 ** 20)).rejects.toThrow(/changed on the server/);
    files['huge.bin'] = before as Uint8Array;
  });
});

describe('picked files', () => {
  it('that were moved give an error that says what to do', async () => {
    const gone = {
      size: 10,
      slice: () => gone,
      arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')),
    };
    const source = await pickedFolder({ label: 'm', files: [{ path: 'a', file: gone }] }).open('a');
    await expect(source?.read(0, 10)).rejects.toMatchObject({ code: 'missing', retryable: true });
  });
});
