import { expect, test } from 'vitest';
import { missingPlaces, undescribedFolders } from './places.mjs';

const files = ['README.md', 'docs/method.md', 'core/gates/field.ts', 'public/demo/base/README.md'];

test('links lead to files and folders, from where they stand', () => {
  const text =
    '[a](method.md) [b](../README.md#run) [c](../core/gates) [d](https://example.org) [e](gone.md)';
  expect(missingPlaces('docs/page.md', text, files)).toEqual([
    'docs/page.md links to gone.md, which is not there.',
  ]);
});

test('paths in backticks are ends of paths; those that stand for many, and blocks of code, are left alone', () => {
  const text =
    '`gates/field.ts` `core/gates/` `field.ts` `core/<id>.ts` `model.safetensors` `core/fields.ts` `eld.ts`\n\n```\n`no.ts`\n```\n';
  expect(missingPlaces('README.md', text, files)).toEqual([
    'README.md names core/fields.ts, which is not there.',
    'README.md names eld.ts, which is not there.',
  ]);
});

test('the page of a room names every folder in it, but those of its tests', () => {
  const tracked = [
    'core/gates/field.ts',
    'core/hub/names.ts',
    'core/testing/x.ts',
    'core/errors.ts',
    'cli/a/b.ts',
  ];
  expect(undescribedFolders('docs/architecture/core.md', '`gates/` and the hub', tracked)).toEqual([
    'docs/architecture/core.md says nothing of the folder core/hub/.',
  ]);
  expect(undescribedFolders('docs/architecture/core.md', '`core/gates/field.ts`, `hub/`', tracked)).toEqual(
    [],
  );
  expect(undescribedFolders('docs/method.md', '', tracked)).toEqual([]);
});
