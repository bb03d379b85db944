/**
 * `frism`: the engine without a page. Exit code 0 done, 1 failed, 2 bad usage; results on stdout, everything
 * else on stderr.
 */
import { toStudioError } from '../core/errors.ts';
import { visibleLine, visibleText } from '../core/visible.ts';
import { version } from '../package.json';
import type { Command } from './command.ts';
import { findingMarks } from './finding-marks.ts';
import { checkOutputs } from './outputs.ts';
import { progressLine } from './progress.ts';
import { help, readArguments, UsageError } from './usage.ts';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether a person watches stderr while it is written. */
  readonly live: boolean;
}

/**
 * Each is loaded when it is called: most need neither tfjs nor a tokenizer, which take longer to load than a
 * header to read.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  pair: async () => (await import('./commands/pair.ts')).pair,
  spectra: async () => (await import('./commands/spectra.ts')).spectra,
  distill: async () => (await import('./commands/distill.ts')).distill,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluate,
  merge: async () => (await import('./commands/merge.ts')).merge,
  export: async () => (await import('./commands/export.ts')).exportModel,
  generate: async () => (await import('./commands/generate.ts')).generate,
  logits: async () => (await import('./commands/logits.ts')).logits,
};

const find = async (name: string | undefined): Promise<Command | undefined> =>
  name !== undefined && Object.hasOwn(commands, name) ? commands[name]?.() : undefined;

export async function main(words: readonly string[], raw: Terminal, signal: AbortSignal): Promise<0 | 1 | 2> {
  // Names, findings and answers come from files of strangers: nothing in them is obeyed by a terminal.
  const terminal: Terminal = {
    stdout: (text) => raw.stdout(visibleText(text)),
    stderr: (text) => raw.stderr(visibleText(text)),
    live: raw.live,
  };
  const [name, ...rest] = words;
  const json = words.includes('--json');
  const command = await find(name);
  if (name === 'help' || name === '--help' || name === '-h') {
    const about = await find(rest[0]);
    if (name === 'help' && rest[0] !== undefined && !about) {
      terminal.stderr(`frism: There is no command “${rest[0]}”.\n\n${await overview()}\n`);
      return 2;
    }
    terminal.stdout(about ? help(about) : await overview());
    return 0;
  }
  if (name === '--version') {
    terminal.stdout(`${version}\n`);
    return 0;
  }
  // It moves the cursor itself.
  const progress = progressLine(raw);
  try {
    if (!command)
      throw new UsageError(name === undefined ? 'Which command?' : `There is no command “${name}”.`);
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.stdout(help(command));
      return 0;
    }
    const given = readArguments(command, rest);
    await checkOutputs(command, given);
    const { json: value, text } = await command.run(given, {
      signal,
      onProgress: given.flag('quiet') ? () => undefined : progress.show,
      onFindings: (findings, infosToo = false) => {
        progress.clear();
        for (const { severity, message, remedy } of findings)
          if (infosToo || severity !== 'info')
            terminal.stderr(`${findingMarks[severity]} ${visibleLine(`${message} ${remedy}`)}\n`);
      },
    });
    progress.clear();
    terminal.stdout(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    return 0;
  } catch (thrown) {
    progress.clear();
    const isUsage = thrown instanceof UsageError;
    const { code, message, details } = toStudioError(thrown);
    const { file, tensor, findings } = details;
    const error = {
      code: isUsage ? 'usage' : code,
      message,
      ...(file !== undefined && { file }),
      ...(tensor !== undefined && { tensor }),
      // Codes that `--accept-findings` takes.
      ...(typeof findings === 'string' && { findings: findings.split(',') }),
    };
    if (json) terminal.stdout(`${JSON.stringify({ error })}\n`);
    terminal.stderr(
      `frism: ${visibleLine(message)}\n${isUsage ? `Try: frism help${command ? ` ${command.name}` : ''}\n` : ''}`,
    );
    return isUsage ? 2 : 1;
  }
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...all.map((command) => command.name.length));
  return `frism COMMAND [options]\n\n${all.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')}\n\nfrism help COMMAND has the options of each.\n`;
}
