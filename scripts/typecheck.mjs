// `npm run typecheck`: the compiler of TypeScript 7 over each part of the sources. It is native code and takes a tenth
// of the time of TypeScript 6, which stays under the name `typescript` for the linter: its rules need the older API.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const compiler = fileURLToPath(new URL('../node_modules/typescript-native/bin/tsc', import.meta.url));
const parts = ['core', 'worker', 'page', 'test'];

const ok = parts
  .map((part) => spawnSync(process.execPath, [compiler, '-p', `tsconfig.${part}.json`], { stdio: 'inherit' }))
  .every(({ status }) => status === 0);
process.exit(ok ? 0 : 1);
