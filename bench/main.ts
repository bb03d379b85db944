/** The benchmarks from the command line: which groups run, and how their rows are written. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { runHostile } from './groups/hostile.ts';
import { runIo } from './groups/io.ts';
import { runPage } from './groups/page.ts';
import { runStep } from './groups/step.ts';
import { runSvd } from './groups/svd.ts';
import type { RunGroup } from './groups/group.ts';
import { buildSite, type LabSite } from './lab.ts';
import { parseOptions, usage, UsageError, type BenchOptions, type GroupName } from './options.ts';
import type { BenchRow } from './row.ts';
import { say } from './say.ts';
import { lineOf, markdownReport, textTable } from './table.ts';

const runners: Readonly<Record<GroupName, RunGroup>> = {
  svd: runSvd,
  step: runStep,
  io: runIo,
  page: runPage,
  hostile: runHostile,
};

/** A machine with this much to do beside the benchmarks is called busy. */
const busyLoad = 0.5;

/**
 * The exit code: 0, 1 when a group failed (the rows of the others are written), 2 when the command line is
 * wrong.
 */
export async function main(args: readonly string[], write: (text: string) => void): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseOptions(args);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    say(`${thrown.message}\n\n${usage}`);
    return 2;
  }
  if (!options) {
    write(usage);
    return 0;
  }
  const begun = machine();
  say(begun);
  const site = await buildSite();
  try {
    const { rows, failed } = await runGroups(options, site);
    const about = `${begun} Chromium ${site.browserVersion() ?? 'not started'}, headless. Load at the end ${load().toFixed(2)}.`;
    write(written(about, rows, options.format));
    return failed ? 1 : 0;
  } finally {
    await site.close();
  }
}

async function runGroups(
  { groups, quick }: BenchOptions,
  site: LabSite,
): Promise<{ readonly rows: ReadonlyMap<GroupName, readonly BenchRow[]>; readonly failed: boolean }> {
  const rows = new Map(groups.map((name): [GroupName, BenchRow[]] => [name, []]));
  let failed = false;
  for (const name of groups) {
    const begun = performance.now();
    say(`\n${name}`);
    const report = (row: BenchRow): void => {
      rows.get(name)?.push(row);
      say(`  ${lineOf(row)}`);
    };
    try {
      await runners[name]({ site, quick, report });
    } catch (thrown) {
      failed = true;
      say(`${name} failed: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    }
    say(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  return { rows, failed };
}

const load = (): number => loadavg()[0] as number;

function machine(): string {
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  const others =
    load() > busyLoad
      ? `other work ran beside this (load ${load().toFixed(2)} at the start).`
      : 'the machine was otherwise quiet.';
  return `${new Date().toISOString().slice(0, 16)}Z, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${gibibytes} GiB, ${process.platform}, Node ${process.versions.node}; ${others}`;
}

function written(
  about: string,
  groups: ReadonlyMap<GroupName, readonly BenchRow[]>,
  format: BenchOptions['format'],
): string {
  const rows = [...groups.values()].flat();
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows, null, 1)}\n`;
    case 'markdown':
      return markdownReport(about, groups);
    case 'table':
      return textTable(rows);
    default:
      return format satisfies never;
  }
}
