import { expect, test } from 'vitest';
import {
  emptyDraft,
  endpointProblem,
  kindsProblem,
  layersProblem,
  partSource,
  repoProblem,
  revisionProblem,
  tidied,
  tokenProblem,
  trioSource,
  usesHub,
  type Draft,
  type PartDraft,
} from './draft.ts';

const folder = {
  label: 'qwen',
  files: ['config.json', 'model.safetensors'].map((path) => ({ path, file: new Blob() })),
};
const part = (change: Partial<PartDraft>): PartDraft => ({ ...emptyDraft.parts.base, ...change });
const draft = (change: Partial<Draft> = {}, parts: Partial<Draft['parts']> = {}): Draft => ({
  ...emptyDraft,
  ...change,
  parts: { ...emptyDraft.parts, ...parts },
});
const hub = (repo: string, revision = 'main') => part({ from: 'hub', repo, revision });

test('nothing filled in is no problem and no source', () => {
  expect(trioSource(emptyDraft)).toBeNull();
  expect(usesHub(emptyDraft)).toBe(false);
  expect([
    repoProblem(hub(''), ''),
    revisionProblem(hub('', '')),
    tokenProblem(emptyDraft),
    endpointProblem(emptyDraft),
  ]).toEqual([null, null, null, null]);
  expect(partSource(draft({}, { base: hub('') }), 'base')).toBeNull();
});

test('three folders are folders, as before; with a repository among them they are parts', () => {
  const three = { base: part({ folder }), vlm: part({ folder }), lrm: part({ folder }) };
  expect(trioSource(draft({}, three))).toEqual({ kind: 'folders', base: folder, vlm: folder, lrm: folder });
  const mixed = draft({}, { ...three, lrm: hub(' org/reasoner ', '') });
  expect(trioSource(mixed)).toEqual({
    kind: 'parts',
    base: folder,
    vlm: folder,
    lrm: { kind: 'hub', repo: 'org/reasoner', revision: 'main' },
  });
  // A folder that was chosen before is not what is meant now.
  expect(trioSource(draft({}, { ...three, lrm: part({ from: 'hub', folder }) }))).toBeNull();
});

test('chosen layers and kinds go with the source; what is no choice is a problem and no source', () => {
  const three = { base: part({ folder }), vlm: part({ folder }), lrm: part({ folder }) };
  expect(trioSource(draft({ layers: '2-3', kinds: 'q,v' }, three))).toMatchObject({
    kind: 'folders',
    selection: { layers: [2, 3], kinds: ['q', 'v'] },
  });
  expect(trioSource(draft({ layers: 'all', kinds: ' ' }, three))).not.toHaveProperty('selection');
  const wrong = draft({ layers: '9-3', kinds: 'norm' }, three);
  expect(trioSource(wrong)).toBeNull();
  expect(layersProblem(wrong)).toMatch(/ends before it begins/);
  expect(kindsProblem(wrong)).toMatch(/no kind of layer/);
});

test('token and endpoint go with every repository', () => {
  const full = draft({ token: ' hf_x ', endpoint: 'https://mirror.test' }, { vlm: hub('org/vlm', 'v2') });
  expect(partSource(full, 'vlm')).toEqual({
    kind: 'hub',
    repo: 'org/vlm',
    revision: 'v2',
    token: 'hf_x',
    endpoint: 'https://mirror.test',
  });
  expect(endpointProblem({ ...full, endpoint: 'http://mirror.test' })).toMatch(/https/);
  expect(partSource({ ...full, endpoint: 'http://mirror.test' }, 'vlm')).toBeNull();
  expect(tokenProblem({ ...full, token: 'two words' })).toMatch(/one word/);
  expect(partSource({ ...full, token: 'two words' }, 'vlm')).toBeNull();
});

test.each([
  ['http://mirror.test', false],
  ['http://192.168.1.5:8080', false],
  ['http://localhost.mirror.test', false],
  ['http://[::1]:8080', false],
  ['http://localhost:8080', true],
  ['http://127.0.0.1/hub', true],
  ['HTTPS://mirror.test', true],
])('an endpoint that the site’s policy keeps its workers from is refused: %s', (endpoint, allowed) => {
  const problem = endpointProblem(draft({ endpoint }));
  if (allowed) expect(problem).toBeNull();
  else expect(problem).toMatch(/over https alone/);
});

test('a pasted address becomes name and revision; what is no name says so', () => {
  expect(tidied(hub('https://hub.test/org/model/tree/v1'), 'https://hub.test')).toMatchObject({
    repo: 'org/model',
    revision: 'v1',
  });
  expect(tidied(hub('org/model', 'v3'), '')).toMatchObject({ repo: 'org/model', revision: 'v3' });
  expect(repoProblem(hub('a/b/c'), '')).toMatch(/owner\/name/);
  expect(revisionProblem(hub('a/b', '..'))).toMatch(/branch/);
  expect(tidied(hub('a/b/c'), '')).toEqual(hub('a/b/c'));
  expect(repoProblem(hub('https://hub.test/org/model'), '')).toMatch(/is a page of hub\.test/);
});
