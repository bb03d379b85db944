// `npm run docs` writes the generated tables of README.md and docs/ anew (scripts/docs/tables.ts says what stands
// in them); `npm run docs -- --check` changes nothing and fails where a table is not what the code says. Both fail
// where a link or a path in the documentation leads to nothing, and where a room's page leaves a folder out
// (scripts/docs/places.mjs).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import prettier from 'prettier';
import { createServer } from 'vite';
import { missingPlaces, undescribedFolders } from './docs/places.mjs';

const check = process.argv.includes('--check');
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const { tables } = await server.ssrLoadModule('/scripts/docs/tables.ts');
await server.close();

const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
if (listed.status !== 0) throw new Error(`git could not list the files: ${listed.stderr}`);
const files = listed.stdout.split('\n').filter((path) => path !== '' && existsSync(path));
/** What was true when it was written. */
const history = new Set(['CHANGELOG.md']);

const missing = [];
const unwritten = new Set(Object.keys(tables));
let different = 0;
for (const path of files.filter((name) => name.endsWith('.md'))) {
  const before = readFileSync(path, 'utf8');
  if (!history.has(path))
    missing.push(...missingPlaces(path, before, files), ...undescribedFolders(path, before, files));
  const filled = before.replaceAll(
    /(<!-- table: ([\w-]+) -->)[^]*?(<!-- \/table -->)/g,
    (_, open, name, close) => {
      const table = tables[name];
      if (!table)
        throw new Error(`${path} has a place for the table "${name}", which scripts/docs/tables.ts lacks.`);
      unwritten.delete(name);
      return `${open}\n\n${table()}\n\n${close}`;
    },
  );
  if (filled === before) continue;
  const after = await prettier.format(filled, { ...(await prettier.resolveConfig(path)), filepath: path });
  if (after === before) continue;
  different += 1;
  if (check) console.error(`${path}: a generated table is not what the code says. Run \`npm run docs\`.`);
  else writeFileSync(path, after);
}
for (const name of unwritten)
  console.error(`The table "${name}" of scripts/docs/tables.ts stands in no Markdown file.`);
for (const sentence of missing) console.error(sentence);
process.exit((check && different > 0) || unwritten.size > 0 || missing.length > 0 ? 1 : 0);
