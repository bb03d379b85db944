import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheDirectory } from './cache-directory.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [{ FRISM_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
  [{ FRISM_CACHE: '', XDG_CACHE_HOME: '/b' }, join('/b', 'frism')],
  [{ FRISM_CACHE: '', XDG_CACHE_HOME: '' }, join(homedir(), '.cache', 'frism')],
])('with %j what is kept lies in %s', (variables, directory) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  expect(cacheDirectory()).toBe(directory);
});
