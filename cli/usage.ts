/** What a command takes, and reading it from the words of a command line. */
import { parseArgs } from 'node:util';
import { readDecimal } from './decimal.ts';

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {}

export interface OptionSpec {
  readonly about: string;
  /** What stands after it, as help shows it; a flag when absent. */
  readonly value?: string;
  readonly required?: boolean;
  readonly many?: boolean;
  /** An empty text means something; elsewhere it is a variable of a shell that was never set. */
  readonly mayBeEmpty?: boolean;
  /** It names a place that the command writes to, which is looked at before the command begins. */
  readonly writes?: 'file' | 'directory';
}

export interface CommandSpec {
  readonly name: string;
  readonly about: string;
  /** Words without a dash, as help shows them. */
  readonly positionals?: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What help says after the options. */
  readonly more?: string;
}

export interface Given {
  readonly positionals: readonly string[];
  text(name: string): string | null;
  required(name: string): string;
  many(name: string): readonly string[];
  flag(name: string): boolean;
  /** A number in [low, high], or null when the option was not given. */
  number(name: string, low: number, high: number): number | null;
  /** The same, and whole. */
  whole(name: string, low: number, high: number): number | null;
}

const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { about: 'print one JSON value on stdout' },
  quiet: { about: 'write no progress to stderr' },
};

export function readArguments(spec: CommandSpec, words: readonly string[]): Given {
  const options = { ...spec.options, ...commonOptions };
  let parsed;
  try {
    parsed = parseArgs({
      args: [...words],
      strict: true,
      allowPositionals: true,
      tokens: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { value, many }]) => [
          name,
          { type: value === undefined ? 'boolean' : 'string', multiple: many ?? false },
        ]),
      ),
    });
  } catch (cause) {
    const [said = ''] = (cause as Error).message.split('\n');
    const dashed = words.findIndex((word, i) => word.startsWith('-') && takesValue(options, words[i - 1]));
    throw new UsageError(
      dashed < 0
        ? said
        : `${words[dashed - 1]} takes a value, and “${words[dashed]}” begins as an option does. If it is the value, write ${words[dashed - 1]}=${words[dashed]}.`,
    );
  }
  const values = parsed.values as Readonly<Record<string, string | boolean | string[] | undefined>>;
  checkWords(options, parsed.tokens);
  const expected = spec.positionals?.length ?? 0;
  if (parsed.positionals.length !== expected) {
    throw new UsageError(
      expected === 0
        ? `${spec.name} takes options only, not “${parsed.positionals[0] ?? ''}”.`
        : `${spec.name} takes ${spec.positionals?.join(' ')}.`,
    );
  }
  if (parsed.positionals.some((word) => word.trim() === ''))
    throw new UsageError(`${spec.positionals?.join(' ')} is empty.`);
  for (const [name, { required }] of Object.entries(options))
    if (required && values[name] === undefined) throw new UsageError(`--${name} is missing.`);

  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  const number = (name: string, low: number, high: number): number | null => {
    const given = text(name);
    if (given === null) return null;
    const value = readDecimal(given);
    if (!(value >= low && value <= high))
      throw new UsageError(`--${name} is a number from ${low} to ${high}, not “${given}”.`);
    return value;
  };
  return {
    positionals: parsed.positionals,
    text,
    required: (name) => text(name) ?? '',
    many: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    flag: (name) => values[name] === true,
    number,
    whole: (name, low, high) => {
      const value = number(name, low, high);
      if (value !== null && !Number.isInteger(value))
        throw new UsageError(`--${name} is a whole number, not “${text(name)}”.`);
      return value;
    },
  };
}

const takesValue = (options: Readonly<Record<string, OptionSpec>>, word = ''): boolean =>
  word.startsWith('--') && options[word.slice(2)]?.value !== undefined;

/** Of an option that is given twice one would be dropped, and nobody could say which was meant. */
function checkWords(
  options: Readonly<Record<string, OptionSpec>>,
  tokens: readonly { readonly kind: string; readonly name?: string; readonly value?: string | undefined }[],
): void {
  const before = new Map<string, string>();
  for (const { kind, name = '', value } of tokens) {
    if (kind !== 'option' || value === undefined) continue;
    const { many, mayBeEmpty } = options[name] ?? {};
    if (value.trim() === '' && !mayBeEmpty)
      throw new UsageError(`--${name} is empty. Give it a value, or leave it out.`);
    const first = before.get(name);
    if (first !== undefined && !many)
      throw new UsageError(`--${name} was given twice, as “${first}” and as “${value}”. It takes one value.`);
    before.set(name, value);
  }
}

export function help(spec: CommandSpec): string {
  const required = Object.entries(spec.options).filter(([, { required: must }]) => must);
  const line = [
    'frism',
    spec.name,
    ...(spec.positionals ?? []),
    ...required.map(([name, { value }]) => `--${name} ${value ?? ''}`.trim()),
    '[options]',
  ].join(' ');
  const rows = Object.entries({ ...spec.options, ...commonOptions }).map(
    ([name, { value, about }]) => [`  --${name}${value === undefined ? '' : ` ${value}`}`, about] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return `${line}\n\n${spec.about}\n\n${rows.map(([left, about]) => `${left.padEnd(width)}  ${about}`).join('\n')}\n${spec.more === undefined ? '' : `\n${spec.more}`}`;
}
