// `npm run format` lays out every file of ours, `npm run format -- --check` only says which differ and fails then.
// Prettier does TypeScript, CSS, JSON, HTML and Markdown; Ruff, as WebAssembly, does Python.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';

const check = process.argv.includes('--check');

const prettier = spawnSync('npx', ['prettier', check ? '--check' : '--write', '--log-level', 'warn', '.'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});

const lineLength = Number(/^line-length = (\d+)$/m.exec(readFileSync('ruff.toml', 'utf8'))[1]);
const ruff = new Workspace({ 'line-length': lineLength }, PositionEncoding.Utf16);
const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.py'], {
  encoding: 'utf8',
});
if (listed.status !== 0) throw new Error(`git could not list the Python files: ${listed.stderr}`);
const different = listed.stdout
  .split('\n')
  .filter(Boolean)
  .filter((path) => {
    const source = readFileSync(path, 'utf8');
    const formatted = ruff.format(source);
    if (formatted === source) return false;
    if (!check) writeFileSync(path, formatted);
    return true;
  });
if (check) for (const path of different) console.error(`[ruff] ${path} is laid out otherwise`);

const ok = prettier.status === 0 && (!check || different.length === 0);
if (!ok) console.error('Run `npm run format`.');
process.exit(ok ? 0 : 1);
