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

test.each<[string, () => string, RegExp]>([
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
    /^manifest\.json has the key transcriptionPromt: no such key is known/,
  ],
  [
    'an option of a run that there is not',
    () => changed((m) => ((m['run'] ??= {})['teacherTopk'] = 16)),
    /^manifest\.json has the key run\.teacherTopk: no such key/,
  ],
  [
    'another optimiser',
    () => changed((m) => ((m['run'] ??= {})['optimizer'] = 'sgd')),
    /^manifest\.json has the key run\.optimizer: gates are learned with Adam alone/,
  ],
  [
    'another version',
    () => changed((m) => (m['version'] = 2 as unknown as Record<string, unknown>)),
    /version/,
  ],
  ...(
    [
      ['models', 'teacher'],
      ['data', 'perceptions'],
      ['secondTeacher', 'transcript'],
      ['board', 'cellpx'],
    ] as const
  ).map(([holder, key]): [string, () => string, RegExp] => [
    `${holder}.${key}, which is not known`,
    () => changed((m) => ((m[holder] ??= {})[key] = 'x')),
    new RegExp(`^manifest\\.json has the key ${holder}\\.${key}: no such key is known`),
  ]),
  [
    'a key of a prompt that is not known',
    () => changed((m) => Object.assign((m['prompts'] as unknown as object[])[2] ?? {}, { system: 'Think.' })),
    /has the key prompts\[2\]\.system/,
  ],
  [
    'a key of an example that is not known',
    () => changed((m) => Object.assign((m['examples'] as unknown as object[])[0] ?? {}, { answer: '8' })),
    /has the key examples\[0\]\.answer/,
  ],
  [
    'a weight of the second teacher that is not known, in the part that is not taken as well',
    () => changed((m) => Object.assign(m['secondTeacher']?.['trace'] ?? {}, { lambda: 2 })),
    /has the key secondTeacher\.trace\.lambda/,
  ],
  [
    'a second teacher without weights',
    () => changed((m) => (m['secondTeacher'] = {})),
    /secondTeacher must be an object with composed or trace/,
  ],
  [
    'a board of another size than its cells',
    () => changed((m) => ((m['board'] ??= {})['sizePx'] = 80)),
    /board\.sizePx must be 64, the pixels of 4 cells of 16, not 80/,
  ],
  [
    'more inks than are shown',
    () =>
      changed(
        (m) =>
          ((m['board'] ??= {})['inks'] = Object.fromEntries(
            Array.from({ length: 33 }, (_, i) => [`ink ${i}`, '#000000']),
          )),
      ),
    /board\.inks must be an object of at most 32 colours/,
  ],
  [
    'a key that stands twice',
    () => text.replace('"lambda": 1.2', '"lambda": 1.2, "lambda": 2'),
    /the key "lambda" is given twice/,
  ],
])('refuses %s', (_, make, message) => {
  expect(() => parseManifest(make(), 'manifest.json')).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
  );
});
