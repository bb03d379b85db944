/** Options that several commands share. */
import { StudioError } from '../core/errors.ts';
import type { Role } from '../core/family/trio.ts';
import { parseKinds, parseLayers, type LayerSelection } from '../core/family/selection.ts';
import { readDecimal } from './decimal.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

/** Three folders, or a manifest that names them. */
export const trioOptions: Readonly<Record<string, OptionSpec>> = {
  manifest: {
    value: 'FILE|DIR',
    about: 'manifest.json of a trio with calibration and test sets, in place of the three folders',
  },
  base: {
    value: 'DIR',
    about:
      'the language model that both others were tuned from: a folder, or hub:owner/name[@revision], like the others',
  },
  vlm: { value: 'DIR', about: 'the vision-language model' },
  lrm: { value: 'DIR', about: 'the reasoning model, or a LoRA adapter (PEFT folder) on the base' },
};

export type TrioNames =
  { readonly manifest: string } | ({ readonly manifest: null } & Readonly<Record<Role, string>>);

/** Throws `UsageError` unless it is three folders or a manifest. */
export function readTrioNames(given: Given): TrioNames {
  const [manifest, base, vlm, lrm] = [
    given.text('manifest'),
    given.text('base'),
    given.text('vlm'),
    given.text('lrm'),
  ];
  if (manifest !== null) {
    if ((base ?? vlm ?? lrm) !== null)
      throw new UsageError('--manifest names all three models: leave --base, --vlm and --lrm away.');
    return { manifest };
  }
  if (base === null || vlm === null || lrm === null)
    throw new UsageError('Give --base, --vlm and --lrm, or --manifest.');
  return { manifest, base, vlm, lrm };
}

export const selectionOptions: Readonly<Record<string, OptionSpec>> = {
  layers: { value: 'LIST', about: 'only these decoder layers: 10-19, or 0,4,8, or 0-29/3 for every third' },
  kinds: { value: 'LIST', about: 'only these of their matrices: q,k,v,o,gate,up,down, or attention, or mlp' },
};

/** Null where neither was given. */
export function readSelection(given: Given): LayerSelection | null {
  const read = <T>(name: string, parse: (text: string) => T): T | null => {
    const text = given.text(name);
    if (text === null) return null;
    try {
      return parse(text);
    } catch (thrown) {
      throw thrown instanceof StudioError ? new UsageError(`--${name}: ${thrown.message}`) : thrown;
    }
  };
  if (given.text('layers') === null && given.text('kinds') === null) return null;
  return { layers: read('layers', parseLayers), kinds: read('kinds', parseKinds) };
}

/** `--set name=value` as they were written; names in kebab-case, each at most once. */
export function readSettingTexts(
  given: readonly string[],
  known: readonly string[],
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const text of given) {
    const [name = '', value = ''] = text.split(/=(.*)/s);
    if (!known.includes(name))
      throw new UsageError(`--set ${text}: there is no setting “${name}” here. Known: ${known.join(', ')}.`);
    if (settings.has(name)) throw new UsageError(`--set ${name} was given twice.`);
    settings.set(name, value);
  }
  return settings;
}

/** The same as numbers. */
export function readSettings(
  given: readonly string[],
  known: readonly string[],
): ReadonlyMap<string, number> {
  const texts = readSettingTexts(given, known);
  return new Map([...texts].map(([name, text]) => [name, readNumber(name, text)]));
}

export function readNumber(name: string, text: string): number {
  const number = readDecimal(text);
  if (!Number.isFinite(number))
    throw new UsageError(`--set ${name}=${text}: “${text}” is not a decimal number.`);
  return number;
}

/** 5GB, 500MB, or a number of bytes; decimal units as on the Hub. */
export function readBytes(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kMGT]?)(?:i?B)?$/i.exec(text.trim());
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase());
  const base = /i/i.test(text) ? 1024 : 1000;
  const bytes = match ? Number(match[1]) * base ** power : NaN;
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER))
    throw new UsageError(`--${option} is a size such as 5GB or 500MB, not “${text}”.`);
  return Math.floor(bytes);
}
