import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/**
 * The rooms and what each may import (docs/architecture.md). A room is a folder; a rule lists the folders it
 * must NOT reach. Packages are checked the same way, so that tfjs stays in the workers and React on the page.
 */
const tfjs = ['@tensorflow/*', '@tensorflow/**'];
const react = [
  'react',
  'react-dom',
  'react/*',
  'react-dom/*',
  'recharts',
  'zustand',
  'zustand/*',
  'lucide-react',
];
const workers = ['**/workers/**', '**/workers/*'];
const page = [
  '**/client/**',
  '**/state/**',
  '**/plot/**',
  '**/ui/**',
  '**/controls/**',
  '**/panels/**',
  '**/app/**',
];

const workerRooms = ['io', 'backend', 'kernels', 'pool', 'nn', 'merge', 'distill', 'evaluate', 'engine'];
const later = (room) =>
  workerRooms
    .slice(workerRooms.indexOf(room) + 1)
    .flatMap((name) => [`../${name}/**`, `../../${name}/**`, `../../../${name}/**`]);

const message = 'This room may not import that one: see docs/architecture.md.';
const room = (files, ...forbidden) => roomWith(files, [], ...forbidden);
const roomWith = (files, regexes, ...forbidden) => ({
  files: [files],
  ignores: ['**/*.test.ts', '**/*.test.tsx'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ group: forbidden.flat(), message }, ...regexes.map((regex) => ({ regex, message }))] },
    ],
  },
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'dist-cli/',
      'node_modules/',
      'public/',
      'test-results/',
      '.ci/',
      'workers/kernels/svd/wasm/',
      'workers/backend/heap/wasm/',
      'workers/kernels/blend/wasm/',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['scripts/**', 'test/**', 'e2e/**', '*.config.*'], rules: { 'no-console': 'off' } },
  room('core/**', tfjs, react, workers, page, '**/protocol/**', 'comlink'),
  room('protocol/**', tfjs, react, workers, page, 'comlink'),
  // The client alone names the worker's entry, and only as a URL.
  room(
    'src/client/**',
    tfjs,
    react,
    '**/state/**',
    '**/plot/**',
    '**/ui/**',
    '**/controls/**',
    '**/panels/**',
    '**/app/**',
  ),
  room(
    'src/state/**',
    tfjs,
    'react',
    'react-dom',
    'recharts',
    workers,
    '**/client/**',
    '**/plot/**',
    '**/ui/**',
    '**/controls/**',
    '**/panels/**',
    '**/app/**',
    'comlink',
  ),
  room(
    'src/plot/**',
    tfjs,
    react,
    workers,
    '**/protocol/**',
    '**/client/**',
    '**/state/**',
    '**/ui/**',
    '**/controls/**',
    '**/panels/**',
    '**/app/**',
    'comlink',
  ),
  room(
    'src/ui/**',
    tfjs,
    'zustand',
    workers,
    '**/core/**',
    '**/protocol/**',
    '**/client/**',
    '**/state/**',
    '**/plot/**',
    '**/controls/**',
    '**/panels/**',
    '**/app/**',
    'comlink',
  ),
  // What panels share and the store is needed for: an action as a button.
  room(
    'src/controls/**',
    tfjs,
    workers,
    '**/client/**',
    '**/plot/**',
    '**/panels/**',
    '**/app/**',
    'comlink',
  ),
  // A panel never imports another: every relative import that climbs no further than panels/ is one.
  roomWith('src/panels/**', ['^\\.\\./(?!\\.\\./)'], tfjs, workers, '**/client/**', '**/app/**', 'comlink'),
  room('src/app/**', tfjs, workers),
  room('cli/**', react, page, 'comlink'),
  ...workerRooms.map((name) => room(`workers/${name}/**`, react, page, later(name))),
);
