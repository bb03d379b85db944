/** `frism`: the engine without a page. Exit code 0 done, 1 failed, 2 bad usage; results on stdout, everything else on stderr. */
import { toStudioError } from '../src/core/errors.ts';
import type { Command } from './command.ts';
import { distill } from './commands/distill.ts';
import { evaluate } from './commands/evaluate.ts';
import { exportModel } from './commands/export.ts';
import { generate } from './commands/generate.ts';
import { inspect } from './commands/inspect.ts';
import { logits } from './commands/logits.ts';
import { merge } from './commands/merge.ts';
import { pair } from './commands/pair.ts';
import { spectra } from './commands/spectra.ts';
import { progressLine } from './progress.ts';
import { help, readArguments, UsageError } from './usage.ts';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is looked at as it is written. */
  readonly live: boolean;
}

const commands: readonly Command[] = [inspect, pair, spectra, distill, evaluate, merge, exportModel, generate, logits];

export async function main(words: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<0 | 1 | 2> {
  const [name, ...rest] = words;
  const json = words.includes('--json');
  const command = commands.find((candidate) => candidate.name === name);
  if (name === 'help' || name === '--help' || name === '-h') {
    const about = commands.find((candidate) => candidate.name === rest[0]);
    terminal.stdout(about ? help(about) : overview());
    return 0;
  }
  const progress = progressLine(terminal);
  try {
    if (!command) throw new UsageError(name === undefined ? 'Which command?' : `There is no command “${name}”.`);
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.stdout(help(command));
      return 0;
    }
    const given = readArguments(command, rest);
    const { json: value, text } = await command.run(given, { signal, onProgress: given.flag('quiet') ? () => undefined : progress.show });
    progress.clear();
    terminal.stdout(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    return 0;
  } catch (thrown) {
    progress.clear();
    const isUsage = thrown instanceof UsageError;
    const { code, message, details } = toStudioError(thrown);
    const { file, tensor } = details;
    const error = { code: isUsage ? 'usage' : code, message, ...(file !== undefined && { file }), ...(tensor !== undefined && { tensor }) };
    if (json) terminal.stdout(`${JSON.stringify({ error })}\n`);
    terminal.stderr(`frism: ${message}\n${isUsage ? `Try: frism help${command ? ` ${command.name}` : ''}\n` : ''}`);
    return isUsage ? 2 : 1;
  }
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return `frism COMMAND [options]\n\n${commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')}\n\nfrism help COMMAND has the options of each.\n`;
}
