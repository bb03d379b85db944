/**
 * config.json and tensor names → ModelSpec. An architecture that is not known is no error: it gets a reason
 * why it cannot be run.
 */
import { ConfigReader } from './config-reader.ts';
import type { NotComputed } from './descriptor.ts';
import { families, familyOf, type FamilyId } from './families.ts';
import { showJson } from '../json-field.ts';
import type { ModelSpec, UnknownSpec } from './model-spec.ts';
import { pairedOnly } from './paired-only.ts';
import { refusedKey } from './text/decoder-features.ts';
import { readTextConfig } from './text/text-config.ts';
import { findTextNames } from './text/text-names.ts';
import { typeOfArchitecture, type TextType } from './text/text-types.ts';

export function readModelSpec(config: unknown, tensorNames: Iterable<string>): ModelSpec {
  const reader = new ConfigReader(config);
  const names = tensorNames instanceof Set ? (tensorNames as ReadonlySet<string>) : new Set(tensorNames);
  const architecture = readArchitecture(reader);
  const type = typeOfArchitecture(architecture);
  const other = otherType(reader, architecture, type);
  if (other !== null) return unknown(reader, architecture, `${architecture} cannot be run: ${other}`);
  if (type) return readText(reader, architecture, type, names);
  const family = familyOf(architecture);
  const reading =
    family &&
    (refusedParts(reader, architecture, families[family]) ??
      families[family].read(reader, architecture, names));
  if (reading && !('reason' in reading)) return reading;
  const reason = reading ? reading.reason : pairedOnly(architecture)?.reason;
  return unknown(
    reader,
    architecture,
    reason ? `${architecture} cannot be run: ${reason}` : whyUnknown(reader, architecture),
    reading?.missing,
  );
}

function whyUnknown(config: ConfigReader, architecture: string): string {
  if (config.has('architectures')) return `The studio cannot run the architecture ${architecture}`;
  return config.has('model_type')
    ? `config.json names no architecture (its key architectures), only the model type ${architecture}, so the studio cannot run the model`
    : 'No config.json says what architecture the model has, so the studio cannot run it';
}

/** Keys of a vision-language model outside its language model that ask for what is not computed. */
function refusedParts(
  config: ConfigReader,
  architecture: string,
  { keys }: (typeof families)[FamilyId],
): NotComputed | null {
  const tower = config.nested('vision_config');
  for (const [rules, part] of [
    [keys.whole, config],
    [keys.tower(architecture, tower.raw('model_type')), tower],
  ] as const) {
    const found = refusedKey(rules, part);
    if ('reason' in found) return { reason: `its ${found.reason} is not computed here` };
  }
  return null;
}

/**
 * transformers' Auto classes take the class by `model_type`, whatever `architectures` says; the rest of this project
 * goes by `architectures`. Where both are there and disagree, one of the two is wrong, and nobody knows here which.
 */
function otherType(config: ConfigReader, architecture: string, type: TextType | null): string | null {
  const family = familyOf(architecture);
  const expected =
    type ?? (family && (families[family].architectures as Readonly<Record<string, string>>)[architecture]);
  const stated = config.raw('model_type');
  if (!expected || stated === undefined || stated === expected) return null;
  return `config.json says model_type ${showJson(stated)} beside it, but a ${architecture} has model_type "${expected}", and transformers goes by model_type. Correct the one of the two that does not belong to the weights`;
}

/** `architectures[0]`; else `model_type`, which is all that some checkpoints have. */
function readArchitecture(config: ConfigReader): string {
  const listed = config.raw('architectures');
  if (listed === undefined) return config.text('model_type', 'unknown');
  const first: unknown = Array.isArray(listed) ? listed[0] : undefined;
  return typeof first === 'string' && first.length <= 200
    ? first
    : config.refuse('architectures', 'a list that starts with a name');
}

function unknown(config: ConfigReader, architecture: string, reason: string, missing?: string): UnknownSpec {
  // Nothing is demanded of a config whose rules are not known: what is not a plain number is simply no hint.
  const text = config.child('text_config') ?? config;
  const rope = text.child('rope_parameters') ?? text;
  const hint = (holder: ConfigReader, key: string): number | null => {
    const value = holder.raw(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    kind: 'unknown',
    architecture,
    missing,
    reason: `${reason}; it can still be decomposed, merged and exported.`,
    hints: {
      ropeTheta: hint(rope, 'rope_theta'),
      heads: hint(text, 'num_attention_heads'),
      keyValueHeads: hint(text, 'num_key_value_heads'),
    },
  };
}

function readText(
  config: ConfigReader,
  architecture: string,
  type: TextType,
  names: ReadonlySet<string>,
): ModelSpec {
  const text = readTextConfig(config, type);
  const because = (reason: string, missing?: string) =>
    unknown(config, architecture, `${architecture} cannot be run: ${reason}`, missing);
  if ('reason' in text) return because(text.reason);
  const found = findTextNames(['model.'], names, text.tiedEmbeddings);
  if ('reason' in found) return because(found.reason, found.missing);
  return { kind: 'text', architecture, text, names: found };
}
