/** Settings of merge methods as words of a command line, and the list of all methods as its help has it. */
import { valueFault } from '../../core/merging/choose.ts';
import type { Method, MethodValues } from '../../core/merging/method.ts';
import { readSettings } from '../options.ts';
import { UsageError } from '../usage.ts';

/**
 * All settings of a method, as given or as they are without. Throws `UsageError` for a name or a value that it
 * does not have.
 */
export function readMethodSettings(method: Method, given: readonly string[]): MethodValues {
  const said = readSettings(given, Object.keys(method.settings));
  return Object.fromEntries(
    Object.entries(method.settings).map(([key, setting]) => {
      const value = said.get(key) ?? setting.initial;
      const fault = valueFault(method, setting, value);
      if (fault !== null) throw new UsageError(`--set ${key}=${value}: ${fault}.`);
      return [key, value];
    }),
  );
}

export function describeMethods(methods: readonly Method[]): string {
  const lines = methods.flatMap(({ id, about, formula, source, settings, gates, stream }) => [
    `  ${id}${note(gates?.startsFromGates === true, stream !== null)}`,
    `      ${about}`,
    `      ${formula}`,
    `      ${source}`,
    ...Object.entries(settings).map(
      ([key, { symbol, help, initial, low, high }]) =>
        `      --set ${key}=${initial}  ${symbol} (${low} to ${high}): ${help}`,
    ),
  ]);
  return `Methods, with their settings as they are when not given:\n${lines.join('\n')}\n`;
}

function note(startsFromGates: boolean, streams: boolean): string {
  if (streams) return '';
  return startsFromGates
    ? '  (decomposes, or takes cached factors; needs --recipe)'
    : '  (decomposes, or takes cached factors)';
}
