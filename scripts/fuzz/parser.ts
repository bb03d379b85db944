/** What fuzzing knows of a parser: one row. */
import { StudioError } from '../../core/errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * How inputs are changed: as bytes, as a text, as a JSON text, as a safetensors file (its header as JSON, with the
 * right length before it), or as a PNG whose chunks have the right checksums.
 */
export type Shape = 'bytes' | 'text' | 'json' | 'safetensors' | 'png';

export interface ParserRow {
  /** As a person knows what is read, with the function where that helps. */
  readonly name: string;
  readonly shape: Shape;
  /** Sound inputs, each at most some tens of kilobytes. */
  readonly seeds: () => readonly Bytes[];
  /** Words of the language of the input. */
  readonly words?: readonly string[];
  /** Reads an input as the program does. Throws `Disagreement` where it accepts what a second opinion refuses. */
  readonly parse: (input: Bytes) => unknown;
  /** Errors beside `StudioError` that say that an input is refused. */
  readonly refuses?: (thrown: unknown) => boolean;
  /** Names of errors that a library or a contract of this parser may throw, and that a refusal may have as its cause. */
  readonly wraps?: readonly string[];
  /** How many executions it gets beside others, 1 where absent: fewer for what takes long. */
  readonly share?: number;
}

/** An input was accepted that another reader refuses, or was read otherwise. */
class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

export function agree(holds: boolean, otherwise: string): void {
  if (!holds) throw new Disagreement(otherwise);
}

/** Errors of JavaScript itself. A SyntaxError may stand behind a refusal: it is how JSON.parse refuses. */
const faults = ['TypeError', 'RangeError', 'ReferenceError', 'InternalError'];

/** Why what was thrown is a fault of the program rather than a refusal of the input; null where it is a refusal. */
export function faultOf(row: ParserRow, thrown: unknown): string | null {
  if (row.refuses?.(thrown)) return null;
  if (!(thrown instanceof Error)) return `it threw ${typeof thrown}`;
  if (!(thrown instanceof StudioError)) return `${thrown.name}: ${thrown.message}`;
  if (thrown.code === 'internal') return `an internal error: ${thrown.message}`;
  for (let cause = thrown.cause; cause instanceof Error; cause = cause.cause) {
    // Node's own refusals, of text that is no UTF-8 for example, have a code.
    const ofNode = typeof (cause as NodeJS.ErrnoException).code === 'string';
    if (faults.includes(cause.name) && !ofNode && !row.wraps?.includes(cause.name))
      return `a refusal that hides ${cause.name}: ${cause.message}`;
  }
  return null;
}

/**
 * Several readers of one input, each of which runs: the input is refused where all of them refuse it.
 * @param isRefusal errors beside `StudioError` that refuse
 */
export function anyOf(
  readers: readonly (() => unknown)[],
  isRefusal: (thrown: unknown) => boolean = () => false,
): void {
  const refusals: unknown[] = [];
  for (const read of readers) {
    try {
      read();
    } catch (thrown) {
      if (!(thrown instanceof StudioError && thrown.code !== 'internal') && !isRefusal(thrown)) throw thrown;
      refusals.push(thrown);
    }
  }
  if (refusals.length === readers.length) throw refusals[0];
}
