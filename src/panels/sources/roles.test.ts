import { expect, test } from 'vitest';
import { misplaced, sightOf } from './roles.ts';

const folder = (config: string) => ({
  label: 'm',
  files: [{ path: 'config.json', file: new Blob([config]) }],
});

test('a vision part is told by config.json, and what cannot be read is unknown', async () => {
  expect(await sightOf(folder('{"vision_config": {}}'))).toBe('sees');
  expect(await sightOf(folder('{"model_type": "llama"}'))).toBe('text only');
  expect(await sightOf(folder('{"a":'))).toBe('unknown');
  expect(await sightOf(folder('[]'))).toBe('unknown');
  expect(await sightOf({ label: 'm', files: [] })).toBe('unknown');
});

test('swapped folders are named on both sides; a language model alone in the place of the VLM may be meant', () => {
  expect(misplaced('vlm', { base: 'text only', vlm: 'text only', lrm: 'sees' })).toMatch(/swapped/);
  expect(misplaced('lrm', { base: 'text only', vlm: 'text only', lrm: 'sees' })).toMatch(/belongs under VLM/);
  expect(misplaced('vlm', { base: 'text only', vlm: 'text only', lrm: 'text only' })).toBeNull();
  expect(misplaced('vlm', { base: 'text only', vlm: 'unknown', lrm: 'unknown' })).toBeNull();
  expect(misplaced('lrm', { lrm: 'text only' })).toBeNull();
});
