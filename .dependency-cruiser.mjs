/**
 * Which room may import which (docs/architecture.md shows the picture): by the real paths of files, imports of types
 * included. `npm run lint` checks it. A room may import its own files, the rooms and the packages that its row names,
 * and nothing else; what a row adds for tests holds for `*.test.ts` and the like. No imports may run in a circle.
 */
const tfjs = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-webgpu'];
const page = [
  'src/client',
  'src/state',
  'src/shelf',
  'src/plot',
  'src/ui',
  'src/controls',
  'src/panels',
  'src/app',
];

/** The rooms of the engine in the order in which they stand on one another. */
const engineRooms = ['io', 'backend', 'kernels', 'pool', 'nn', 'merge', 'distill', 'evaluate', 'engine'];
/** What each of them takes from npm. */
const enginePackages = {
  io: ['client-zip', 'hash-wasm', '@jsquash/jpeg', '@jsquash/png', '@jsquash/webp'],
  backend: tfjs,
  kernels: tfjs,
  pool: [],
  nn: ['@tensorflow/tfjs-core', '@huggingface/tokenizers'],
  merge: ['@tensorflow/tfjs-core'],
  distill: ['@tensorflow/tfjs-core'],
  evaluate: ['fast-png'],
  engine: ['@tensorflow/tfjs-core', 'comlink'],
};

const rooms = [
  // One test holds all readers of the same options to one another, the manifest's among them.
  { room: 'core', rooms: [], packages: ['@eslint-community/regexpp'], tests: ['protocol', 'workers/engine'] },
  { room: 'protocol', rooms: ['core'], packages: [] },
  ...engineRooms.map((name, i) => ({
    room: `workers/${name}`,
    rooms: [
      'core',
      'protocol',
      ...engineRooms.slice(0, i).map((below) => `workers/${below}`),
      // A recipe names the version that wrote it.
      ...(name === 'engine' ? ['package.json'] : []),
    ],
    packages: enginePackages[name],
    // A fused operation is also held to the model that calls it.
    tests: name === 'kernels' ? ['workers/nn', 'workers/distill'] : [],
  })),
  // The entries of the workers.
  { room: 'workers', only: '[^/]+$', rooms: ['core', 'protocol', 'workers'], packages: [] },
  { room: 'cli', rooms: ['core', 'protocol', 'workers', 'package.json'], packages: [] },
  // The client alone knows the worker, and only by the URL of its entry.
  { room: 'src/client', rooms: ['core', 'protocol'], packages: ['comlink'], tests: ['workers/engine'] },
  {
    room: 'src/state',
    rooms: ['core', 'protocol'],
    packages: ['zustand', '@zip.js/zip.js', 'valibot'],
    tests: ['src/client'],
  },
  // Sessions in the browser's own storage, behind the interface that the store knows.
  { room: 'src/shelf', rooms: ['core', 'src/state'], packages: ['idb'] },
  { room: 'src/plot', rooms: ['core'], packages: [] },
  { room: 'src/ui', rooms: [], packages: ['react', 'react-dom', 'lucide-react'] },
  // An action of the store as a control: what panels share and neither `src/ui` nor `src/state` can know alone.
  {
    room: 'src/controls',
    rooms: ['src/state', 'src/ui'],
    packages: ['react'],
    tests: ['core', 'protocol', 'src/client'],
  },
  {
    room: 'src/panels',
    rooms: ['core', 'protocol', 'src/state', 'src/plot', 'src/ui', 'src/controls'],
    packages: ['react', 'react-dom', 'zustand', 'recharts', 'lucide-react'],
    tests: ['src/client'],
  },
  {
    room: 'src/app',
    rooms: ['core', 'protocol', ...page],
    packages: ['react', 'react-dom', 'zustand', 'lucide-react'],
  },
];

const testFile = '(\\.test\\.tsx?|-laws\\.ts|/testing/[^/]+)$';
/** What every test may import beside its room's row. */
const forTests = ['test', 'scripts', 'zoo', 'public', 'vite.config.ts'];
/** Files that run in Node alone and may use what it brings. */
const forNode = '(\\.node\\.ts|\\.mjs)$|^(cli|scripts|test|e2e|bench)/|\\.config\\.(ts|js)$';

const within = (path) => (path.includes('.') ? `^${path.replaceAll('.', '\\.')}$` : `^${path}/`);

const rulesOf = ({ room, only = '', rooms, packages, tests = [] }) => {
  const from = within(room) + only;
  const files = [...rooms, room].map(within);
  return [
    {
      name: `${room}: rooms`,
      comment: `${room}/ may import from ${[...rooms, 'itself'].join(', ')}.`,
      severity: 'error',
      from: { path: from, pathNot: testFile },
      to: { pathNot: files, dependencyTypesNot: external },
    },
    {
      name: `${room}: rooms of its tests`,
      comment: `Tests of ${room}/ may import from ${[...rooms, ...tests, ...forTests, 'itself'].join(', ')}.`,
      severity: 'error',
      from: { path: from + '.*' + testFile },
      to: { pathNot: [...files, ...[...tests, ...forTests].map(within)], dependencyTypesNot: external },
    },
    {
      name: `${room}: packages`,
      comment: `${room}/ may import ${packages.length > 0 ? packages.join(', ') : 'no package'}.`,
      severity: 'error',
      from: { path: from, pathNot: testFile },
      to: { path: 'node_modules/', pathNot: packages.map((name) => `node_modules/(@types/)?${name}/`) },
    },
  ];
};

const external = ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'];

export default {
  forbidden: [
    {
      name: 'no circles',
      comment: 'What both need belongs into a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no import without its file',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no imports of tests',
      comment: 'What tests share stands in test/ or in a testing/ folder.',
      severity: 'error',
      from: { pathNot: `${testFile}|^(test|e2e|bench|scripts)/|^vite\\.config\\.ts$` },
      to: { path: `${testFile}|^(test|e2e|bench|scripts)/` },
    },
    {
      name: 'one panel, one folder',
      comment:
        'A panel never imports another one; what two need belongs into src/ui, src/plot, src/controls or src/state.',
      severity: 'error',
      from: { path: '^src/panels/([^/]+)/' },
      to: { path: '^src/panels/', pathNot: '^src/panels/$1/' },
    },
    {
      name: 'Node only in files for Node',
      comment: 'A browser has no such module. A file that runs in Node alone is named *.node.ts.',
      severity: 'error',
      from: { pathNot: `${forNode}|${testFile}` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tfjs in parts',
      comment: 'The whole package registers everything it has: docs/decisions/tfjs-packages.md.',
      severity: 'error',
      from: {},
      to: { path: 'node_modules/@tensorflow/', pathNot: tfjs.map((name) => `node_modules/${name}/`) },
    },
    ...rooms.flatMap(rulesOf),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript has a compiler of its own.
    exclude: { path: '^workers/.*/wasm/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
