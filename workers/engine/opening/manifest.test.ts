import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseManifest } from './manifest.ts';

const text = readFileSync('public/models/demo/manifest.json', 'utf8');
const changed = (change: (manifest: Record<string, Record<string, unknown>>) => void) => {
  const manifest = JSON.parse(text) as Record<string, Record<string, unknown>>;
  change(manifest);
  return JSON.stringify(manifest);
};

test('reads the demo', () => {
  const manifest = parseManifest(text, 'manifest.json');
  expect(manifest.models).toEqual({ base: 'base', vlm: 'vlm', lrm: 'lrm' });
  expect(manifest.prompts.find(({ kind }) => kind === 'reasoning')?.prompt).toBe('solve');
  expect(manifest.board).toMatchObject({ rows: 4, columns: 4, cellPixels: 16, background: [244, 242, 238] });
  expect(manifest.defaults.gateMax).toBe(1);
});

test('what is absent is absent', () => {
  const manifest = parseManifest(
    changed((m) => {
      delete m['board'];
      delete m['data'];
      delete m['prompts'];
    }),
    'manifest.json',
  );
  expect(manifest).toMatchObject({ board: null, prompts: [], data: { calibration: null, traces: null } });
});

test.each([
  ['no JSON', () => '{', /not valid JSON/],
  [
    'a folder outside',
    () => changed((m) => (m['models'] = { base: '../../etc', vlm: 'vlm', lrm: 'lrm' })),
    /models\.base must be a path inside the folder/,
  ],
  [
    'an absolute address',
    () => changed((m) => (m['models'] = { base: 'https://example.org/x', vlm: 'vlm', lrm: 'lrm' })),
    /models\.base/,
  ],
  [
    'a negative λ',
    () => changed((m) => ((m['run'] ??= {})['lambda'] = -1)),
    /run\.lambda must be a number from 0/,
  ],
  ['steps that never end', () => changed((m) => ((m['run'] ??= {})['steps'] = 1e12)), /run\.steps/],
  [
    'a board as large as memory',
    () => changed((m) => ((m['board'] ??= {})['cellPx'] = 1e9)),
    /board\.cellPx/,
  ],
  [
    'a list for an object',
    () => changed((m) => (m['run'] = [] as unknown as Record<string, unknown>)),
    /run must be an object/,
  ],
  [
    'a key that is misspelt',
    () => changed((m) => (m['transcriptionPromt'] = {})),
    /^transcriptionPromt of manifest\.json: no such key is known/,
  ],
  [
    'an option of a run that there is not',
    () => changed((m) => ((m['run'] ??= {})['teacherTopk'] = 16)),
    /^run\.teacherTopk of manifest\.json: no such key/,
  ],
  [
    'another optimiser',
    () => changed((m) => ((m['run'] ??= {})['optimizer'] = 'sgd')),
    /^run\.optimizer of manifest\.json: gates are learned with Adam alone/,
  ],
  [
    'another version',
    () => changed((m) => (m['version'] = 2 as unknown as Record<string, unknown>)),
    /version/,
  ],
])('refuses %s', (_, make, message) => {
  expect(() => parseManifest(make(), 'manifest.json')).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
  );
});
