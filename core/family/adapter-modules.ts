/**
 * Which modules of its base a LoRA adapter is put on when it is loaded: `check_target_module_exists` of peft 0.21.
 * peft leaves out, without a word, what the file of weights holds beside them.
 */
import { isRecord, type JsonRecord } from '../records.ts';
import type { Work } from '../work.ts';
import { adapterWork, moduleExpression } from './adapter-patterns.ts';

/** Null where an expression is not read here: then the file of weights is taken at its word. */
export type LoadedModules = ((module: string) => boolean) | null;

const plain = /^\w{1,80}$/;

/** @param work of all expressions of one adapter */
export function loadedModules(config: JsonRecord, work: Work = adapterWork()): LoadedModules {
  const excluded = namedBy(config['exclude_modules'], work);
  const said = config['target_modules'];
  const targets = namedBy(said, work);
  const saved = savedWhole(config['modules_to_save'], work);
  const layers = layersOf(config);
  // peft takes no layers_to_transform beside an expression.
  if (targets === null || excluded === null || saved === null || layers === null) return null;
  if (isExpression(said) && layers !== 'any') return null;
  const isWhole = (module: string): boolean => Array.isArray(said) && said.includes(module);
  return (module) =>
    !(excluded !== 'any' && excluded(module)) &&
    !saved(module) &&
    (targets === 'any' || isWhole(module) || (targets(module) && (layers === 'any' || layers(module))));
}

const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value !== 'all-linear';

/** `any` where nothing is said, or all linear layers are meant; null for an expression that is not read. */
function namedBy(value: unknown, work: Work): ((module: string) => boolean) | 'any' | null {
  if (isExpression(value)) return moduleExpression(value, work);
  const names = namesOf(value);
  return names === null || names === 'any' ? names : (module) => matches(names, module);
}

const matches = (names: readonly string[], module: string): boolean =>
  names.some((name) => module === name || module.endsWith(`.${name}`));

/**
 * `any` where nothing is said, or all linear layers are meant; null for what is no list of names. Of an object peft
 * goes through the keys.
 */
function namesOf(given: unknown): readonly string[] | 'any' | null {
  const value = isRecord(given) ? Object.keys(given) : given;
  if (value === undefined || value === null || value === '' || value === 'all-linear') return 'any';
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) return null;
  return value.length === 0 ? 'any' : value;
}

function layersOf(config: JsonRecord): ((module: string) => boolean) | 'any' | null {
  const wanted = config['layers_to_transform'] ?? null;
  if (wanted === null || (Array.isArray(wanted) && wanted.length === 0)) return 'any';
  const indices: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  const said = config['layers_pattern'] ?? [];
  const patterns: readonly unknown[] = Array.isArray(said) ? said : [said];
  if (
    !indices.every(Number.isSafeInteger) ||
    !patterns.every((one) => typeof one === 'string' && plain.test(one))
  )
    return null;
  return (module) => {
    const index = layerOf(module.split('.'), patterns);
    return index !== null && indices.includes(index);
  };
}

/**
 * The first number below a container, with something after it: an expert's number stands behind its layer's. Of
 * several containers the first in their own order counts; where none is named, any does that is not the outermost.
 */
function layerOf(parts: readonly string[], containers: readonly unknown[]): number | null {
  const below = (least: number, fits: (container: string) => boolean): string | undefined =>
    parts.find(
      (part, at) =>
        at >= least && at < parts.length - 1 && /^\d+$/.test(part) && fits(parts[at - 1] as string),
    );
  const found =
    containers.length === 0
      ? below(2, () => true)
      : containers.map((one) => below(1, (container) => container === one)).find((one) => one !== undefined);
  return found === undefined ? null : Number(found);
}

/**
 * A module that is saved whole, or lies in one, gets no factors: `re.match` of `(^|.*\.)NAME($|\..*)`. A name is an
 * expression there, whatever signs it holds. Null where it is not read.
 */
function savedWhole(value: unknown, work: Work): ((module: string) => boolean) | null {
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  const tests = names
    .filter((name) => typeof name === 'string' && name !== '')
    .map((name) =>
      plain.test(name as string)
        ? (module: string) => module.split('.').includes(name as string)
        : moduleExpression(`(?:(?:^|.*\\.)${name as string}(?:$|\\..*)).*`, work),
    );
  if (tests.includes(null)) return null;
  return (module) => tests.some((test) => test?.(module) === true);
}
