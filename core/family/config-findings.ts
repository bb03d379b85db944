/**
 * What config.json holds that the forward pass does not heed: one finding for keys that would change results,
 * one for keys that are not known. Only for architectures that are run; of others config.json is not computed
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
  const listed = own(root, 'architectures');
  const first: unknown = Array.isArray(listed) ? listed[0] : own(root, 'model_type');
  const architecture = typeof first === 'string' ? first : '';
  const family = familyOf(architecture);
  const found = typeOfArchitecture(architecture)
    ? ofText(root, '')
    : family
      ? ofVision(root, architecture, family)
      : [];
  const known = found.filter(({ rules, key }) => Object.hasOwn(rules.keys, key));
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
  return [
    ...(isFlat ? ofFlat(outer, root, keys.whole) : [...outer, ...ofText(asRecord(text), 'text_config.')]),
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
