// `npm test`: types, lint, what nobody uses, unit tests (Node, tfjs wasm), the same numerical tests on WebGPU in
// Chromium, and the end-to-end tests. Each stage stops the run when it fails. The last line counts the tests of all
// stages.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookForChromium } from './chromium.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'frism-test-'));
const tally = { passed: 0, failed: 0, skipped: 0 };

function run(command, args, options = {}) {
  const started = Date.now();
  console.log(`\n▸ ${[command, ...args].join(' ')}`);
  const result = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result.status === 0;
}

function finish(ok, reason) {
  rmSync(scratch, { recursive: true, force: true });
  if (reason) console.error(`\n${reason}`);
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  process.exit(ok ? 0 : 1);
}

/** Debian's package where this process may install it; otherwise the person is told what to do. */
function ensureChromium() {
  if (lookForChromium()) return;
  const mayInstall =
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('apt-get', ['--version']).status === 0;
  if (mayInstall) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { env });
  }
  if (!lookForChromium()) {
    finish(
      false,
      'The browser tests need Chromium or Chrome. Install one, or set CHROMIUM_PATH to its executable, and run npm test again.',
    );
  }
}

function vitest(project) {
  const report = join(scratch, `${project}.json`);
  const ok = run('npx', [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let counted;
  try {
    counted = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    finish(false, `The ${project} tests ended without a report.`);
  }
  tally.passed += counted.numPassedTests;
  tally.failed += counted.numFailedTests;
  tally.skipped += counted.numPendingTests + (counted.numTodoTests ?? 0);
  if (!ok) finish(false, `The ${project} tests failed.`);
  if (counted.numPassedTests === 0) finish(false, `The ${project} project ran no test.`);
  if (tally.skipped > 0) finish(false, `${tally.skipped} tests were skipped; none may be.`);
}

ensureChromium();
if (!run('npm', ['run', '--silent', 'format', '--', '--check']))
  finish(false, 'Some files are laid out otherwise.');
if (!run('npm', ['run', '--silent', 'docs', '--', '--check']))
  finish(false, 'Generated tables in the documentation are out of date.');
if (!run('npm', ['run', '--silent', 'typecheck'])) finish(false, 'Type errors.');
if (!run('npm', ['run', '--silent', 'lint'])) finish(false, 'Lint errors.');
if (!run('npx', ['knip'])) finish(false, 'Some files, exports or dependencies are used by nobody.');
vitest('unit');
if (!run('npm', ['run', '--silent', 'build'])) finish(false, 'The build failed.');
vitest('webgpu');
vitest('e2e');
finish(tally.failed === 0);
