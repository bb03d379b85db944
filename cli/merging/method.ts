/**
 * What a merge method of the command line is: by gates over the task vector's own spectrum, or element by
 * element in a stream.
 */
import type { Brush } from '../../core/gates/brush.ts';
import type { PresetResult, PresetSlot } from '../../core/gates/presets.ts';
import type { ArithmeticInputs } from '../../workers/merge/arithmetic.ts';
import { readSettings } from '../options.ts';
import { UsageError } from '../usage.ts';

export interface Setting {
  readonly about: string;
  readonly initial: number;
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
}

/** By name, in kebab-case. */
export type Settings = Readonly<Record<string, Setting>>;
export type Values = (name: string) => number;

interface Described {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  readonly settings: Settings;
}

/** S_eff = gate ⊙ S of Eq. 7, with gates that need only the spectra. */
export interface GateMethod extends Described {
  readonly kind: 'gates';
  /**
   * `brush` holds every gate, `slots` runs parallel to its stretches; `before` are the gates of a recipe,
   * where one was given.
   */
  gates(brush: Brush, slots: readonly PresetSlot[], value: Values, before: Float32Array | null): PresetResult;
  /** Whether a recipe may be given, whose gates it starts from. */
  readonly takesRecipe?: boolean;
}

export interface StreamMethod extends Described {
  readonly kind: 'stream';
  /** With these values the merge is the VLM: no tensor is touched. */
  isNothing?(value: Values): boolean;
  merge(inputs: ArithmeticInputs, value: Values, signal: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export type Method = GateMethod | StreamMethod;

/**
 * All settings of a method, as given or as they are without. Throws `UsageError` for a name or a value that
 * it does not have.
 */
export function readMethodSettings(
  { name: method, settings }: Method,
  given: readonly string[],
): Readonly<Record<string, number>> {
  const said = readSettings(given, Object.keys(settings));
  return Object.fromEntries(
    Object.entries(settings).map(([name, { initial, low, high, whole }]) => {
      const value = said.get(name) ?? initial;
      if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
        throw new UsageError(
          `--set ${name}=${value}: ${method} takes a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`,
        );
      return [name, value];
    }),
  );
}

export function describeMethods(methods: readonly Method[]): string {
  const lines = methods.flatMap(({ name, kind, formula, source, settings }) => [
    `  ${name}${kind === 'stream' ? '' : '  (decomposes, or takes cached factors)'}`,
    `      ${formula}`,
    `      ${source}`,
    ...Object.entries(settings).map(
      ([setting, { about, initial, low, high }]) =>
        `      --set ${setting}=${initial}  ${about} (${low} to ${high})`,
    ),
  ]);
  return `Methods, with their settings as they are when not given:\n${lines.join('\n')}\n`;
}
