/** What fuzzing has done and found, in a folder, so that it can be stopped at any moment and gone on with. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './execute.ts';

export interface Found {
  readonly parser: string;
  readonly index: number;
  readonly what: string;
  /** The shortest input that shows it, beside the state; its stack is in the file of the same name with `.txt`. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly times: number;
}

export interface FuzzState {
  readonly seed: number;
  /** Executions of each parser so far. */
  readonly executed: Record<string, number>;
  readonly found: Record<string, Found>;
}

/** Throws Error where the folder holds the state of another seed. */
export function readState(folder: string, seed: number): FuzzState {
  mkdirSync(folder, { recursive: true });
  let text: string;
  try {
    text = readFileSync(join(folder, 'state.json'), 'utf8');
  } catch {
    return { seed, executed: {}, found: {} };
  }
  const state = JSON.parse(text) as FuzzState;
  if (state.seed !== seed)
    throw new Error(
      `${folder} holds what seed ${state.seed} has found. Give --seed ${state.seed}, or another --state.`,
    );
  return state;
}

export function writeState(folder: string, state: FuzzState): void {
  const draft = join(folder, `state.json.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(state, null, 1)}\n`);
  renameSync(draft, join(folder, 'state.json'));
}

/** Keeps the input of a fault where it is new or shorter than the one that is known. True where it is new. */
export function keep(
  folder: string,
  state: FuzzState,
  { parser, index, what, stack }: Fault,
  input: Uint8Array,
): boolean {
  const key = `${parser}: ${what.replaceAll(/\d+/g, '#').slice(0, 100)}`;
  const known = state.found[key];
  const name =
    known?.file ??
    `${String(Object.keys(state.found).length + 1).padStart(3, '0')}-${parser.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 40)}`;
  const isShorter = !known || input.length < known.sizeBytes;
  if (isShorter) {
    writeFileSync(join(folder, name), input);
    writeFileSync(join(folder, `${name}.txt`), `${parser}, execution ${index}\n${what}\n\n${stack}\n`);
  }
  state.found[key] = {
    parser,
    what: isShorter ? what : known.what,
    index: isShorter ? index : known.index,
    file: name,
    sizeBytes: isShorter ? input.length : known.sizeBytes,
    times: (known?.times ?? 0) + 1,
  };
  return !known;
}
