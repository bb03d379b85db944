import { describe, expect, test } from 'vitest';
import { decodeText, isUtf16 } from './text.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));

test('UTF-8 is read, with a byte order mark and without', () => {
  expect(decodeText(bytes('Was ist 3+4?\n'), 'q.txt')).toBe('Was ist 3+4?\n');
  expect(decodeText(bytes('\ufeffçà'), 'q.txt')).toBe('çà');
  expect(decodeText(new Uint8Array(), 'q.txt')).toBe('');
});

describe('what is no UTF-8 is refused as what it is', () => {
  test.each([
    [
      'UTF-16 with its mark',
      bytes('\ufeffHow many?', 'utf16le'),
      /q\.txt .*: it is UTF-16.*Save it as UTF-8/,
    ],
    ['UTF-16 without', bytes('How many?', 'utf16le'), /it is UTF-16/],
    [
      'big-endian UTF-16',
      bytes('How many?', 'utf16le')
        .slice()
        .map((_, i, all) => all[i ^ 1] ?? 0),
      /it is UTF-16/,
    ],
    [
      'a pointer of Git LFS',
      bytes('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      /q\.txt is a Git LFS pointer.*git lfs pull in its folder, or download it from the Hub/,
    ],
    ['Latin-1', bytes('für', 'latin1'), /q\.txt is not valid UTF-8 text, so that what it says is not known/],
    ['an image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /it has zero bytes/],
  ])('%s', (_, given, message) => {
    expect(() => decodeText(given, 'q.txt')).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  });
});

test('a text with no zero byte is no UTF-16', () => {
  expect(isUtf16(bytes('plain'))).toBe(false);
  expect(isUtf16(new Uint8Array())).toBe(false);
});
