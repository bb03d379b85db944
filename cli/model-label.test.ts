import { expect, test } from 'vitest';
import { modelLabel } from './model-label.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';

test.each([
  ['/home/ann/secret project/qwen', 'qwen'],
  ['models/qwen/', 'qwen'],
  ['../qwen/../qwen/model.safetensors', 'model.safetensors'],
  [`/root/hub/models--org--name-7b/snapshots/${commit}`, 'org/name-7b@0123456'],
  [`/root/hub/models--org--name-7b/snapshots/main`, 'main'],
  [`/root/hub/datasets--org--name/snapshots/${commit}`, commit],
  ['/', '/'],
])('%s is called %s', (path, label) => {
  expect(modelLabel(path)).toBe(label);
});
