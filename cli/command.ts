/**
 * What every command is: a description, and a body that gives back a value for --json and the same as text.
 */
import type { Finding } from '../core/family/pairing.ts';
import type { Progress } from '../protocol/events.ts';
import type { CommandSpec, Given } from './usage.ts';

export interface Result {
  /** Printed with --json. */
  readonly json: unknown;
  /** Printed without. */
  readonly text: string;
}

export interface Context {
  readonly signal: AbortSignal;
  /** On stderr, never on stdout. */
  readonly onProgress: (progress: Progress) => void;
  /**
   * What was found in the models, told before work with them begins; on stderr. Infos are told of where a model is run
   * or looked at by itself; of a trio `frism pair` and the model card have them.
   */
  readonly onFindings: (findings: readonly Finding[], infosToo?: boolean) => void;
}

export interface Command extends CommandSpec {
  run(given: Given, context: Context): Promise<Result>;
}
