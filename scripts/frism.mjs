#!/usr/bin/env node
// `frism …`: bundles the command line when its sources changed since the last time, then runs it. Arguments
// go through as they are. Several may be started at once: each bundles into a folder of its own, and whole files
// then take the places of old ones, the entry last.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { bundleForNode } from './bundle.mjs';
import { newestMs } from './newest.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = 'frism.js';
/** A process that started before a bundle was renewed may load one of its parts this long afterwards. */
const keptMs = 24 * 3600 * 1000;

/** @param into a folder of the repository, so that the packages are found from it */
export async function buildCliIfStale(into = join(root, 'dist-cli')) {
  const bundle = join(into, entry);
  const inputs = [
    'cli',
    'core',
    'protocol',
    'workers',
    'package.json',
    'scripts/frism.mjs',
    'scripts/bundle.mjs',
  ].map((name) => newestMs(join(root, name)));
  if ((statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= Math.max(...inputs)) return bundle;
  const beganAt = new Date();
  mkdirSync(into, { recursive: true });
  const aside = mkdtempSync(join(into, 'building-'));
  try {
    await bundleForNode(programs, aside);
    // What changes while it is bundled is newer than the bundle.
    utimesSync(join(aside, entry), beganAt, beganAt);
    takePlace(aside, into);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return bundle;
}

/** Moves the files of one folder into another. Parts have their content in their names, so none changes under a reader. */
function takePlace(from, into) {
  const names = readdirSync(from).sort((a, b) => Number(a === entry) - Number(b === entry));
  for (const name of names) renameSync(join(from, name), join(into, name));
  for (const name of readdirSync(into)) {
    if (names.includes(name)) continue;
    const path = join(into, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

// Its threads are programs of their own beside it.
const programs = {
  frism: join(root, 'cli', 'frism.ts'),
  'command-thread': join(root, 'cli', 'command.thread.ts'),
  'svd-thread': join(root, 'workers', 'svd.thread.node.ts'),
};

// npx starts it through a link of another name.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await import(pathToFileURL(await buildCliIfStale()).href);
}
