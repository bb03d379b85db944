/**
 * What config.json holds that the forward pass does not heed: one finding for keys that would change results,
 * one for keys that do nothing in a model of this kind, one for keys that are not known. Only for architectures that are run; of others config.json is not computed
 * with.
 */
import { sortKeys, type FoundKey, type ReadRules } from '../reading/rules.ts';
import { asRecord, own, type JsonRecord } from '../records.ts';
import { textKeys, ropeKeys } from './config-keys/text-keys.ts';
import { families, familyOf, type FamilyId } from './families.ts';
import type { Finding } from './pairing.ts';
import { typeOfArchitecture } from './text/text-types.ts';

export function configFindings(config: unknown, label: string): Finding[] {
  const root = asRecord(config);
  const architectures = own(root, 'architectures');
  const first: unknown = Array.isArray(architectures) ? architectures[0] : own(root, 'model_type');
  const architecture = typeof first === 'string' ? first : '';
  const family = familyOf(architecture);
  const found = typeOfArchitecture(architecture)
    ? ofText(root, '')
    : family
      ? ofVision(root, architecture, family)
      : [];
  const listed = found.filter(({ rules, key }) => Object.hasOwn(rules.keys, key));
  const known = listed.filter(({ rule }) => !rule.idleThere);
  const idle = listed.filter(({ rule }) => rule.idleThere);
  const unknown = found.filter(({ rules, key }) => !Object.hasOwn(rules.keys, key));
  return [
    ...(known.length === 0
      ? []
      : [
          {
            code: 'config-keys-not-heeded',
            severity: 'warning',
            tensors: [],
            message: `config.json of ${label} asks for what is not done here: ${list(known.map((one) => `${one.place} (${one.rule.why})`))}.`,
            remedy:
              'Answers can differ from those of a program that does it. Merging and exporting are not concerned.',
          } as const,
        ]),
    ...(idle.length === 0
      ? []
      : [
          {
            code: 'config-keys-of-others',
            severity: 'info',
            tensors: [],
            message: `config.json of ${label} has what only other models act by: ${list(idle.map((one) => `${one.place} (${one.rule.why})`))}.`,
            remedy: 'Nothing to do, unless it was meant: transformers passes over it as well.',
          } as const,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          {
            code: 'config-keys-unknown',
            severity: 'info',
            tensors: [],
            message: `config.json of ${label} has ${unknown.length === 1 ? 'a key that is' : `${unknown.length} keys that are`} not known here: ${list(unknown.map(({ place }) => place))}.`,
            remedy:
              'The model is run without heeding them. If one of them changes what the model computes, its answers here are wrong; merging and exporting are not concerned.',
          } as const,
        ]),
  ];
}

type Placed = FoundKey & { readonly rules: ReadRules; readonly place: string };

const ofText = (object: JsonRecord, prefix: string): Placed[] => [
  ...placed(textKeys, object, prefix),
  ...['rope_parameters', 'rope_scaling'].flatMap((key) =>
    placed(ropeKeys, asRecord(own(object, key)), `${prefix}${key}.`),
  ),
];

/** Qwen2-VL's published configurations have the language model's keys at the top. */
function ofVision(root: JsonRecord, architecture: string, family: FamilyId): Placed[] {
  const { keys } = families[family];
  const text = own(root, 'text_config');
  const tower = asRecord(own(root, 'vision_config'));
  const outer = placed(keys.whole, root, '');
  const isFlat = family === 'qwen2-vl' && (text === undefined || text === null);
  const inner = asRecord(text);
  // Fine-tunes saved by transformers of about 4.52 have them at the top once more.
  const repeats = ({ key, rules, value }: Placed): boolean =>
    family === 'qwen2-vl' &&
    !Object.hasOwn(rules.keys, key) &&
    Object.hasOwn(textKeys.keys, key) &&
    Object.hasOwn(inner, key) &&
    JSON.stringify(inner[key]) === JSON.stringify(value);
  return [
    ...(isFlat
      ? ofFlat(outer, root, keys.whole)
      : [...outer.filter((one) => !repeats(one)), ...ofText(inner, 'text_config.')]),
    ...placed(keys.tower(architecture, own(tower, 'model_type')), tower, 'vision_config.'),
  ];
}

/** Both lists count: a key is known that stands in one of them, and the whole's list counts first. */
function ofFlat(outer: readonly Placed[], root: JsonRecord, whole: ReadRules): Placed[] {
  const isOfText = (key: string): boolean =>
    Object.hasOwn(textKeys.keys, key) && !Object.hasOwn(whole.keys, key);
  return [
    ...outer.filter(({ key }) => !isOfText(key)),
    ...ofText(root, '').filter(({ key, rules }) => rules !== textKeys || isOfText(key)),
  ];
}

const placed = (rules: ReadRules, object: JsonRecord, prefix: string): Placed[] =>
  sortKeys(rules, object).named.map((found) => ({
    ...found,
    rules,
    place: `${prefix}${found.key}`.slice(0, 120),
  }));

function list(items: readonly string[]): string {
  const shown = items.slice(0, 12).join(', ');
  return items.length > 12 ? `${shown} and ${items.length - 12} more` : shown;
}
