/**
 * Names that methods and their settings had before each had one name everywhere. Recipes that were written with
 * them, and command lines that people have, go on meaning what they meant.
 */
import type { MethodId } from './methods.ts';
import type { MethodValues } from './method.ts';

const oldIds: Readonly<Record<string, MethodId>> = {
  truncation: 'top-share',
  isotropic: 'iso-c',
  // Before the paper's headline form stood beside its direct one.
  'selective-rl': 'selective-rl-direct',
  selective: 'selective-rl-direct',
};

/** By the method's present id. */
const oldSettings: { readonly [K in MethodId]?: Readonly<Record<string, string>> } = {
  'task-arithmetic': { constant: 'gate' },
  'top-share': { keptShare: 'share' },
  'selective-rl-direct': { directions: 'k' },
};

/** The id that a name means now; a name that was none stays as it is. */
export const presentId = (name: string): string =>
  Object.hasOwn(oldIds, name) ? (oldIds[name] ?? name) : name;

/** What a stored recipe says of the method that set its gates, in present names. */
export function presentNames({
  name,
  settings,
}: {
  readonly name: string;
  readonly settings: MethodValues;
}): { readonly name: string; readonly settings: MethodValues } {
  const id = presentId(name);
  const keys: Readonly<Record<string, string>> = oldSettings[id as MethodId] ?? {};
  // Layer by layer from the gates of a recipe was a way of `layer-wise`, without its two constants.
  const isLevel = id === 'layer-wise' && settings['first'] === undefined && settings['last'] === undefined;
  return {
    name: isLevel ? 'level' : id,
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [
        Object.hasOwn(keys, key) ? (keys[key] ?? key) : key,
        value,
      ]),
    ),
  };
}
