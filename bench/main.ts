/** The benchmarks from the command line: which groups run, and how their rows are written. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { buildSite } from './lab.ts';
import type { RunGroup } from './groups/group.ts';
import { runIo } from './groups/io.ts';
import { runPage } from './groups/page.ts';
import { runStep } from './groups/step.ts';
import { runSvd } from './groups/svd.ts';
import { parseOptions, usage, UsageError, type BenchOptions, type GroupName } from './options.ts';
import type { BenchRow } from './row.ts';
import { say } from './say.ts';
import { lineOf, markdownTable, textTable } from './table.ts';

const groups: Readonly<Record<GroupName, RunGroup>> = { svd: runSvd, step: runStep, io: runIo, page: runPage };

/** The exit code: 0, 1 when a group failed (the rows of the others are written), 2 when the command line is wrong. */
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
  say(machine());
  const rows: BenchRow[] = [];
  const failed = await runGroups(options, (row) => {
    rows.push(row);
    say(`  ${lineOf(row)}`);
  });
  write(written(rows, options.format));
  return failed ? 1 : 0;
}

async function runGroups({ groups: chosen, quick }: BenchOptions, report: (row: BenchRow) => void): Promise<boolean> {
  const site = await buildSite();
  let failed = false;
  try {
    for (const name of chosen) {
      const begun = performance.now();
      say(`\n${name}`);
      try {
        await groups[name]({ site, quick, report });
      } catch (thrown) {
        failed = true;
        say(`${name} failed: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
      }
      say(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    }
  } finally {
    await site.close();
  }
  return failed;
}

function machine(): string {
  const load = loadavg()[0] as number;
  const busy = load > 0.5 ? ` Load ${load.toFixed(2)}: other work runs beside this.` : ' The machine is otherwise quiet.';
  return `${new Date().toISOString()}: ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.versions.node}.${busy}`;
}

function written(rows: readonly BenchRow[], format: BenchOptions['format']): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows, null, 1)}\n`;
    case 'markdown':
      return markdownTable(rows);
    case 'table':
      return textTable(rows);
    default:
      return format satisfies never;
  }
}
