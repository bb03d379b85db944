// `npm test`: layout, generated tables, lint, types and what nobody uses, side by side; then unit tests (Node, tfjs
// wasm) and, beside them, the same numerical tests on WebGPU in Chromium, whose software adapter is for the most part
// one thread; then the end-to-end tests. Each stage stops the run when it fails. At the end stand how long each stage
// took, the files that took longest, and how many tests ran.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookForChromium } from './chromium.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'frism-test-'));
const tally = { passed: 0, failed: 0, skipped: 0 };
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const begunMs = Date.now();
/** @type {{ seconds: number, name: string }[]} */
const stages = [];
/** @type {{ seconds: number, name: string, tests: number }[]} */
const files = [];
const slowestNamed = 10;
const seconds = (sinceMs) => (Date.now() - sinceMs) / 1000;

function run(command, args, { named, ...options } = {}) {
  const started = Date.now();
  const name = [command, ...args].join(' ');
  console.log(`\n▸ ${name}`);
  const result = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  stages.push({ seconds: seconds(started), name: named ?? name });
  console.log(`  ${seconds(started).toFixed(1)} s`);
  return result.status === 0;
}

function finish(ok, reason) {
  rmSync(scratch, { recursive: true, force: true });
  const line = ({ seconds, name }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`;
  console.log(
    `\nStages:\n${[...stages, { seconds: seconds(begunMs), name: 'in all' }].map(line).join('\n')}`,
  );
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestNamed);
  if (slowest.length > 0) {
    console.log('\nThe slowest files:');
    for (const { tests, ...file } of slowest)
      console.log(`${line(file)}, ${tests} ${tests === 1 ? 'test' : 'tests'}`);
  }
  if (reason) console.error(`\n${reason}`);
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  process.exit(ok ? 0 : 1);
}

/** For people on a machine where this script may not install anything. */
function howToGetChromium() {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted)
    return `CHROMIUM_PATH is ${wanted}, and there is no such file. Set it to the executable of a Chromium or Chrome, or unset it to have the usual places searched.`;
  const how =
    {
      linux:
        'On Debian: `sudo apt-get install chromium`. On Ubuntu: `sudo snap install chromium`. On Fedora: `sudo dnf install chromium`.',
      darwin: '`brew install --cask google-chrome`, or the installer from the site of Google Chrome.',
      win32: '`winget install Google.Chrome`, or the installer from the site of Google Chrome.',
    }[process.platform] ?? 'Install Chromium or Google Chrome by the means of your system.';
  return `The browser tests need Chromium or Chrome, and none was found. ${how} Or set CHROMIUM_PATH to the executable of one. Then run npm test again.`;
}

/** Debian's package where this process may install it; otherwise the person is told what to do. */
function ensureChromium() {
  if (lookForChromium()) return;
  const mayInstall =
    !process.env.CHROMIUM_PATH &&
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('apt-get', ['--version']).status === 0;
  if (mayInstall) {
    console.log(
      'No Chromium was found, and the browser tests need one. This process may install packages, so Debian’s package `chromium` is installed now with apt-get.',
    );
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { env });
  }
  if (!lookForChromium()) {
    finish(false, howToGetChromium());
  }
}

const reportOf = (project) => join(scratch, `${project}.json`);

/** The words of a command that runs the tests of a project. */
const vitest = (project) => [
  'npx',
  [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportOf(project)}`,
  ],
  { named: `${project} tests` },
];

/** Counts the tests of a project that ran; ends everything where one failed or none ran. */
function count(project, ok) {
  let counted;
  try {
    counted = JSON.parse(readFileSync(reportOf(project), 'utf8'));
  } catch {
    finish(false, `The ${project} tests ended without a report.`);
  }
  for (const { name, startTime, endTime, assertionResults } of counted.testResults)
    files.push({
      seconds: (endTime - startTime) / 1000,
      name: `${relative(root, name)} (${project})`,
      tests: assertionResults.length,
    });
  tally.passed += counted.numPassedTests;
  tally.failed += counted.numFailedTests;
  tally.skipped += counted.numPendingTests + (counted.numTodoTests ?? 0);
  if (!ok) finish(false, `The ${project} tests failed.`);
  if (counted.numPassedTests === 0) finish(false, `The ${project} project ran no test.`);
  if (tally.skipped > 0) finish(false, `${tally.skipped} tests were skipped; none may be.`);
}

/**
 * What needs no test runner, in two lanes side by side: each is for the most part one thread's work. The output of
 * a check is printed when it has ended. Resolves with what is wrong, in the order of the lanes.
 */
async function checkSources() {
  const npm = (name, ...args) => ['npm', ['run', '--silent', name, ...args]];
  const lanes = [
    [
      [...npm('format', '--', '--check'), 'Some files are laid out otherwise.'],
      [...npm('docs', '--', '--check'), 'Generated tables in the documentation are out of date.'],
    ],
    [
      [...npm('typecheck'), 'Type errors.'],
      [...npm('lint'), 'Lint errors.'],
      ['npx', ['knip'], 'Some files, exports or dependencies are used by nobody.'],
    ],
  ];
  const wrong = [];
  await Promise.all(
    lanes.map(async (lane) => {
      for (const [command, args, complaint] of lane)
        if (!(await runBeside(command, args))) wrong.push(complaint);
    }),
  );
  return wrong;
}

/** @param live whether its lines are printed as they come, between those of others, and not at its end */
async function runBeside(command, args, { named, live = false } = {}) {
  const started = Date.now();
  const name = named ?? [command, ...args].join(' ');
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      if (live) process.stdout.write(text);
      else output += text;
    });
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += `${error.message}\n`;
      resolve(1);
    });
    child.on('close', resolve);
  });
  stages.push({ seconds: seconds(started), name });
  console.log(`\n▸ ${name}\n${output}  ${seconds(started).toFixed(1)} s`);
  return code === 0;
}

ensureChromium();
const wrong = await checkSources();
if (wrong.length > 0) finish(false, wrong.join('\n'));
if (!run('npm', ['run', '--silent', 'build'])) finish(false, 'The build failed.');
const sideBySide = ['unit', 'webgpu'];
console.log(`\n▸ ${sideBySide.join(' and ')} tests`);
const ran = await Promise.all(
  sideBySide.map((project) => {
    const [command, args, options] = vitest(project);
    return runBeside(command, args, { ...options, live: true });
  }),
);
sideBySide.forEach((project, i) => count(project, ran[i]));
count('e2e', run(...vitest('e2e')));
finish(tally.failed === 0);
