/** What comes from a Hub or lies in a cache, and the names by which it is asked for. */
import { checkEndpoint, checkRepo, checkRevision, parseRepoName } from '../../../core/hub/names.ts';
import { factorCache } from '../../../workers/io/cache/factor-cache.ts';
import type { CacheFiles } from '../../../workers/io/cache/cache-files.ts';
import { lruCache } from '../../../workers/io/cache/lru-cache.ts';
import { memoryCache } from '../../../workers/io/cache/memory-cache.ts';
import { sealedCache } from '../../../workers/io/cache/sealed-cache.ts';
import type { ByteCache } from '../../../workers/io/contract.ts';
import { pathSegments } from '../../../workers/io/folders/folder-path.ts';
import { listPaths } from '../../../workers/io/folders/listing.ts';
import {
  decodeBlock,
  emptyBlock,
  encodeBlock,
  missingRuns,
  pageBytes,
  withBytes,
} from '../../../workers/io/hub/block.ts';
import { parseListing } from '../../../workers/io/hub/listing.ts';
import { agree, anyOf, type Bytes, type ParserRow } from '../parser.ts';
import { asJson, decoded, encoded } from '../seeds.ts';

const sizeBytes = pageBytes + 1000;
const block = (): Bytes =>
  encodeBlock(withBytes(emptyBlock(), 0, new Uint8Array(sizeBytes).fill(7).subarray(0), sizeBytes));

/** Files of a cache in memory, one of which anybody may have written. */
function filesWith(name: string, content: Bytes): CacheFiles {
  const files = new Map<string, Bytes>([[name, content]]);
  return {
    list: async () => [...files].map(([one, { length }]) => ({ name: one, sizeBytes: length, writtenMs: 1 })),
    read: async (one) => files.get(one) ?? null,
    head: async (one, length) => {
      const found = files.get(one);
      return found ? { bytes: found.slice(0, length), sizeBytes: found.length } : null;
    },
    write: async (one, parts) => {
      files.set(one, new Uint8Array(await new Blob(parts.map((part) => new Uint8Array(part))).arrayBuffer()));
      return true;
    },
    remove: async (one) => void files.delete(one),
  };
}

const usesSeeds = () => [asJson({ abc: 1_700_000_000_000, def: 5 }), asJson({})];
const repoWords = [
  'https://',
  'huggingface.co',
  '/',
  '..',
  '--',
  '.git',
  '@',
  'tree',
  'main',
  '%2e%2e',
  '?',
  '#',
  ':',
  ' ',
];

export const hubRows: readonly ParserRow[] = [
  {
    name: 'names of repositories, revisions and endpoints of a Hub',
    shape: 'text',
    seeds: () =>
      [
        'owner/name',
        'https://huggingface.co/owner/name/tree/v1.0/a',
        'name',
        'hf.co/owner/name',
        'http://localhost:8080/hub/',
      ].map(encoded),
    words: repoWords,
    parse(input) {
      const text = decoded(input);
      const whole = (repo: string, revision: string | null): void => {
        const { origin, pathname } = new URL(
          `https://hub.test/${repo}/resolve/${encodeURIComponent(revision ?? 'main')}/a`,
        );
        agree(origin === 'https://hub.test', `It leads to ${origin}.`);
        agree(pathname.startsWith(`/${repo}/resolve/`), `It leads to ${pathname}.`);
      };
      anyOf([
        () => {
          const { repo, revision } = parseRepoName(text);
          whole(repo, revision);
        },
        () => whole(checkRepo(text), null),
        () => whole('a/b', checkRevision(text)),
        () => {
          const endpoint = checkEndpoint(text, true);
          const { protocol, hostname } = new URL(endpoint);
          agree(
            protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(hostname),
            `A token would go to ${endpoint}.`,
          );
        },
      ]);
    },
  },
  {
    name: "a Hub's list of files",
    shape: 'json',
    seeds: () => [
      asJson({
        sha: '0123456789abcdef0123456789abcdef01234567',
        siblings: [
          { rfilename: 'config.json' },
          { rfilename: 'a/b.txt', size: 9, lfs: { sha256: 'ab'.repeat(32), size: 9, pointerSize: 134 } },
        ],
      }),
    ],
    words: ['sha', 'siblings', 'rfilename', 'lfs', 'sha256', '../x', '/etc/passwd', 'a\\b'],
    parse(input) {
      const { paths, sums } = parseListing(input, 'owner/name');
      for (const [path, sum] of sums)
        agree(paths.has(path) && sum.length === 64, `${path} has the sum ${sum}.`);
      listPaths(paths);
      for (const path of paths)
        agree(!path.split('/').includes('..') && !path.startsWith('/'), `It lists ${path}.`);
    },
  },
  {
    name: 'paths inside a folder',
    shape: 'text',
    seeds: () => ['a/b.txt', 'model.safetensors', '.hidden/x', 'node_modules/a/b/c'].map(encoded),
    words: ['/', '..', '.', '\\', ':', '\0', 'a'],
    parse(input) {
      const path = decoded(input);
      const segments = pathSegments(path);
      agree(
        new URL(segments.map(encodeURIComponent).join('/'), 'https://a.test/b/').pathname.startsWith('/b/'),
        'It leaves the folder.',
      );
      listPaths([path]);
    },
  },
  {
    name: 'blocks of a remote file',
    shape: 'bytes',
    seeds: () =>
      [block(), encodeBlock(withBytes(emptyBlock(), 0, new Uint8Array(sizeBytes), sizeBytes))].map(
        (one) => new Uint8Array(one),
      ),
    parse(input) {
      const read = decodeBlock(input, sizeBytes);
      if (!read) return;
      agree(read.bytes.length <= sizeBytes, 'It is longer than its file.');
      const runs = missingRuns(read, { first: 0, last: 2 }, 4);
      agree(
        runs.every(({ first, last }) => first >= 0 && last > first),
        'A run of pages is empty.',
      );
    },
    share: 0.2,
  },
  {
    name: 'sealed entries of a cache',
    shape: 'bytes',
    seeds: () => [encoded('FSC1' + 'x'.repeat(40)), encoded('FSC1')],
    async parse(input) {
      const under: ByteCache = { ...memoryCache(), get: async () => input };
      agree(
        (await sealedCache(under).get('a key', () => undefined)) === null,
        'A made-up entry is believed.',
      );
    },
    share: 0.3,
  },
  {
    name: 'recency.json of a cache',
    shape: 'json',
    seeds: usesSeeds,
    words: ['abc', '__proto__'],
    async parse(input) {
      let now = 1_700_000_000_000;
      const cache = lruCache(filesWith('recency.json', input), {
        maxBytes: 100,
        freshMs: 0,
        now: () => (now += 1000),
      });
      for (const key of ['a', 'b', 'c']) await cache.put(key, new Uint8Array(40));
      agree((await cache.get('c'))?.length === 40, 'The newest entry is gone.');
    },
    share: 0.3,
  },
  {
    name: 'uses.json of the cache of factors',
    shape: 'json',
    seeds: usesSeeds,
    words: ['abc', '__proto__'],
    async parse(input) {
      const files = filesWith('uses.json', input);
      const cache = factorCache({ files, outdated: async () => [], limitBytes: async () => 100 });
      await cache.reserve('a', 40, new Set());
      await cache.put('a', [new Uint8Array(40)]);
      await cache.used(['a']);
      agree((await cache.get('a'))?.length === 40, 'The entry is gone.');
    },
    share: 0.3,
  },
];
