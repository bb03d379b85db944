import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { totalBytes, zipParts } from './zip.ts';

test('the archive holds every file, byte for byte, in its folder', () => {
  const files = [
    { path: 'model.safetensors', bytes: Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 251) },
    { path: 'nested/config.json', bytes: new TextEncoder().encode('{"λ":1.2}') },
  ];
  const parts = zipParts(files, 'merged');
  const archive = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  const back = unzipSync(archive);
  expect(Object.keys(back)).toEqual(['merged/model.safetensors', 'merged/nested/config.json']);
  for (const { path, bytes } of files) expect(back[`merged/${path}`]).toEqual(bytes);
  // Stored: hardly larger than its contents.
  expect(archive.length - totalBytes(files)).toBeLessThan(600);
});
