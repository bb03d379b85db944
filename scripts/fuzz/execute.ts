/** One execution of a parser, and several in a row. */
import { makeInput, seedInputs } from './make-input.ts';
import { faultOf, type ParserRow } from './parser.ts';

export interface Fault {
  readonly parser: string;
  /** Number of the execution. */
  readonly index: number;
  /** One line that says what went wrong; equal faults have equal lines but for their numbers. */
  readonly what: string;
  readonly stack: string;
}

/** Null where the parser reads the input or refuses it as it should. */
export async function execute(
  row: ParserRow,
  index: number,
  input: Uint8Array<ArrayBuffer>,
): Promise<Fault | null> {
  try {
    // A copy: what keeps or changes its input changes no seed.
    const result = row.parse(new Uint8Array(input));
    if (result instanceof Promise) await result;
    return null;
  } catch (thrown) {
    const what = faultOf(row, thrown);
    const stack = thrown instanceof Error ? whole(thrown) : '';
    return what === null ? null : { parser: row.name, index, what: what.slice(0, 300), stack };
  }
}

/** Seeds are sound: a parser that refuses all of its own is not reached by what is made of them. */
export async function refusedSeeds(row: ParserRow): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const seed of seedInputs(row)) {
    try {
      await row.parse(new Uint8Array(seed));
    } catch (thrown) {
      refused.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return refused;
}

interface Watch {
  /** Told of each execution before it begins. */
  readonly before: (index: number) => void;
  readonly onFault: (fault: Fault) => void;
}

/** Executions [from, to) of a parser. */
export async function executeMany(
  row: ParserRow,
  seed: number,
  from: number,
  to: number,
  { before, onFault }: Watch,
): Promise<void> {
  for (let index = from; index < to; index++) {
    before(index);
    const fault = await execute(row, index, makeInput(row, seed, index));
    if (fault) onFault(fault);
  }
}

/** The errors behind it too. */
function whole(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${whole(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, 4000);
}
