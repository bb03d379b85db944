/** Finding a method by name and reading its settings, whoever asks: page, engine, recipe or command line. */
import { StudioError } from '../errors.ts';
import type { Method, MethodSetting, MethodValues, StreamMethod } from './method.ts';
import { isStreamMethod } from './method.ts';
import { methods, type MethodId } from './methods.ts';
import { presentId } from './old-names.ts';

/** A method and all its settings, as it is measured, asked, exported and written down. */
export interface MethodChoice {
  readonly id: MethodId;
  readonly settings: MethodValues;
}

/** By its id or by one that it had before; null for any other name. */
export const findMethod = (name: string): (typeof methods)[number] | null =>
  methods.find(({ id }) => id === presentId(name)) ?? null;

/** Why a value cannot be used, as the end of a sentence; null where it can. */
export function valueFault(
  { id }: Pick<Method, 'id'>,
  { low, high, whole = false }: MethodSetting,
  value: number,
): string | null {
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return null;
  return `${id} takes a ${whole ? 'whole ' : ''}number from ${low} to ${high}`;
}

/**
 * All settings of a method: those given, and the others as they are without. Throws `bad-request` for a name or
 * a value that the method does not have.
 */
export function completeSettings(method: Method, given: MethodValues): MethodValues {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(method.settings, key));
  if (unknown !== undefined)
    throw new StudioError(
      'bad-request',
      `${method.id} has no setting “${unknown}”. It has ${Object.keys(method.settings).join(', ')}.`,
      { details: { field: unknown } },
    );
  return Object.fromEntries(
    Object.entries(method.settings).map(([key, setting]) => {
      const value = given[key] ?? setting.initial;
      const fault = valueFault(method, setting, value);
      if (fault !== null)
        throw new StudioError('bad-request', `${key} = ${value} cannot be used: ${fault}.`, {
          details: { field: key, value: String(value) },
        });
      return [key, value];
    }),
  );
}

/** The method of a choice that merges in a stream. Throws `bad-request` for any other, and as `completeSettings`. */
export function chosenStream({ id, settings }: { readonly id: string; readonly settings: MethodValues }): {
  readonly method: StreamMethod & { readonly id: MethodId };
  readonly settings: MethodValues;
} {
  const method = findMethod(id);
  if (!method || !isStreamMethod(method))
    throw new StudioError(
      'bad-request',
      `“${id}” is no merge method that works without gates. There are ${methods
        .filter(isStreamMethod)
        .map((known) => known.id)
        .join(', ')}.`,
      { details: { value: id } },
    );
  return { method, settings: completeSettings(method, settings) };
}

/** As in "ties (density = 0.2, lambda = 1)". */
export const describeMethod = ({
  name,
  settings,
}: {
  readonly name: string;
  readonly settings: MethodValues;
}): string => {
  const set = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  return set.length === 0 ? name : `${name} (${set.join(', ')})`;
};
