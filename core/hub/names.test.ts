import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkEndpoint, checkRepo, checkRevision, checkToken, parseRepoName, publicHub } from './names.ts';

describe('repositories', () => {
  test.each(['Qwen/Qwen2.5-0.5B', 'gpt2', 'HuggingFaceTB/SmolVLM-256M-Instruct', 'a/b_c.d-e'])(
    '%s is one',
    (repo) => expect(checkRepo(repo)).toBe(repo),
  );

  test.each([
    '',
    '..',
    '../x',
    'a/..',
    'a/../b',
    'a//b',
    '/a',
    'a/',
    'a/b/c',
    'a b',
    'a%2Fb',
    'a\\b',
    'a?x',
    'a#x',
    'a--b/c',
    'a/b.git',
    'a/b.',
    'ä/b',
    'a/' + 'b'.repeat(97),
    '@a/b',
    'a:b',
  ])('%j is none', (repo) =>
    expect(() => checkRepo(repo)).toThrow(expect.objectContaining({ code: 'bad-request' })),
  );

  test('an accepted name never needs escaping in an address and stays where it was put', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w./-]{1,20}$/)), (text) => {
        let repo: string;
        try {
          repo = checkRepo(text);
        } catch {
          return;
        }
        expect(new URL(`https://hub.test/api/models/${repo}/revision/main`).pathname).toBe(
          `/api/models/${text}/revision/main`,
        );
      }),
    );
  });

  test('what people paste is understood', () => {
    expect(parseRepoName('  Qwen/Qwen2.5-0.5B \n')).toEqual({ repo: 'Qwen/Qwen2.5-0.5B', revision: null });
    expect(parseRepoName(`${publicHub}/Qwen/Qwen2.5-0.5B`)).toEqual({
      repo: 'Qwen/Qwen2.5-0.5B',
      revision: null,
    });
    expect(parseRepoName(`${publicHub}/Qwen/Qwen2.5-0.5B/tree/v1`)).toEqual({
      repo: 'Qwen/Qwen2.5-0.5B',
      revision: 'v1',
    });
    expect(parseRepoName(`${publicHub}/gpt2/resolve/refs%2Fpr%2F3/config.json`)).toEqual({
      repo: 'gpt2',
      revision: 'refs/pr/3',
    });
    expect(parseRepoName('https://mirror.example/a/b', 'https://mirror.example').repo).toBe('a/b');
    expect(parseRepoName('http://localhost:8080/a/b', 'http://localhost:8080').repo).toBe('a/b');
    expect(parseRepoName('https://hf.co/a/b').repo).toBe('a/b');
    for (const [address, endpoint] of [
      ['https://mirror.example/a/b', undefined],
      ['https://huggingface.co.example/a/b', undefined],
      ['http://localhost:8081/a/b', 'http://localhost:8080'],
      ['https://other.example/a/b', 'no address'],
    ] as const)
      expect(() => parseRepoName(address, endpoint), address).toThrow(
        /is a page of .*, and models are fetched from/,
      );
    expect(() => parseRepoName('https://')).toThrow(/address/);
    expect(() => parseRepoName(publicHub)).toThrow(/owner\/name/);
  });
});

describe('revisions', () => {
  test.each(['main', 'v1.0', 'refs/pr/1', 'feature/x', 'a'.repeat(40), 'release@1', 'a#b'])(
    '%s is one',
    (revision) => expect(checkRevision(revision)).toBe(revision),
  );
  test.each([
    '',
    ' ',
    'a..b',
    '../main',
    '/main',
    'a//b',
    'a b',
    'a\nb',
    'a~1',
    'x'.repeat(256),
    '-main',
    'main/',
  ])('%j is none', (revision) =>
    expect(() => checkRevision(revision)).toThrow(expect.objectContaining({ code: 'bad-request' })),
  );
});

describe('endpoints', () => {
  test('an origin, with or without a path', () => {
    expect(checkEndpoint('https://mirror.test/', true)).toBe('https://mirror.test');
    expect(checkEndpoint(' https://mirror.test/hub/ ', false)).toBe('https://mirror.test/hub');
    expect(checkEndpoint('http://127.0.0.1:8080', true)).toBe('http://127.0.0.1:8080');
    expect(checkEndpoint(publicHub, true)).toBe(publicHub);
  });
  test.each([
    '',
    'mirror',
    'file:///etc',
    'javascript:alert(1)',
    'https://user:secret@mirror.test',
    'https://mirror.test/?q',
    'https://mirror.test/#x',
  ])('%j is none', (endpoint) =>
    expect(() => checkEndpoint(endpoint, false)).toThrow(expect.objectContaining({ code: 'bad-request' })),
  );
  test('a token does not leave the machine unencrypted', () => {
    expect(checkEndpoint('http://mirror.test', false)).toBe('http://mirror.test');
    expect(() => checkEndpoint('http://mirror.test', true)).toThrow(/https/);
    expect(() => checkEndpoint('http://127.0.0.1.mirror.test', true)).toThrow(/https/);
  });
});

test('a token is one word, and never part of what is said about it', () => {
  expect(checkToken(' hf_abcDEF123\n')).toBe('hf_abcDEF123');
  for (const wrong of ['', 'hf_a b', 'hf_a\r\nX-Evil: 1', 'hf_ä']) {
    expect(() => checkToken(wrong)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.not.stringContaining('hf_'),
        details: {},
      }),
    );
  }
});
