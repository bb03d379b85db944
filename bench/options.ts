/** The command line of the benchmarks. */
export const groupNames = ['svd', 'step', 'io', 'page', 'hostile'] as const;
export type GroupName = (typeof groupNames)[number];

export interface BenchOptions {
  readonly groups: readonly GroupName[];
  /** Fewer cases and runs: all groups in under five minutes. */
  readonly quick: boolean;
  readonly format: 'table' | 'json' | 'markdown';
}

export const usage = `npm run --silent bench -- [--only svd|step|io|page|hostile] [--quick] [--json | --markdown]

  --only GROUP   one group, or several with commas (default: all)
  --quick        fewer cases and runs; all groups in under five minutes
  --json         one JSON array on stdout, progress on stderr
  --markdown     tables for docs/performance.md on stdout

Rivals in Python are looked for in FRISM_PYTHON (an interpreter), else in python3, and mergekit in FRISM_MERGEKIT_PYTHON, if set.
One that is not installed is named as missing.
`;

/** What is wrong with the command line, for people. */
export class UsageError extends Error {}

/** Null: help was asked for. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  let groups: readonly GroupName[] = groupNames;
  let quick = false;
  let format: BenchOptions['format'] = 'table';
  for (let i = 0; i < args.length; i++) {
    const [name, ...attached] = (args[i] as string).split('=');
    if (name === '--only') groups = parseGroups(attached.length > 0 ? attached.join('=') : args[++i]);
    else if (attached.length > 0)
      throw new UsageError(`${args[i]}: ${name} takes no value, or is not known.`);
    else if (name === '--quick') quick = true;
    else if (name === '--json' || name === '--markdown') {
      if (format !== 'table')
        throw new UsageError('--json and --markdown cannot be asked for at once, nor twice.');
      format = name === '--json' ? 'json' : 'markdown';
    } else if (name === '--help' || name === '-h') return null;
    else throw new UsageError(`${name} is not an option.`);
  }
  return { groups, quick, format };
}

/** In the order of `groupNames`, each once. */
function parseGroups(list: string | undefined): GroupName[] {
  const asked = (list ?? '').split(',').filter((name) => name !== '');
  const unknown = asked.find((name) => !(groupNames as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--only ${unknown}: there is no such group; there are ${groupNames.join(', ')}.`);
  if (asked.length === 0) throw new UsageError(`--only needs a group: ${groupNames.join(', ')}.`);
  return groupNames.filter((name) => asked.includes(name));
}
