/**
 * The tokenizer class that `AutoTokenizer` of `transformers` 5.23 takes for a folder, and tokenizer.json as that class
 * has it. Some classes take the vocabulary alone from the file and build the parts around it anew; some model types
 * have such a class whatever their folder says. Pure.
 *
 * The table is written by zoo/reference/tokens/classes.py from the source of transformers.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { isRecord } from '../../../core/records.ts';
import table from './tokenizer-classes.json';
import { modelType } from './tokenizer-parts.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TokenizerFolder {
  /** For messages. */
  readonly label: string;
  /** config.json, whole. */
  readonly model: Json;
  /** tokenizer_config.json */
  readonly config: Json;
  readonly tokenizer: Json;
}

export interface ClassedTokenizer {
  /** tokenizer.json with the parts that the class builds. */
  readonly tokenizer: Json;
  /** tokenizer_config.json with the tokens that the class names where the folder does not. */
  readonly config: Json;
  readonly findings: readonly Finding[];
}

interface Row {
  readonly defaults: Json;
  readonly parts: Json;
  readonly prefixed: { readonly true: Json; readonly false: Json };
  /** Whether its model takes the token for unknown characters that the folder names. */
  readonly namesUnknown: boolean;
}

const plainBackend = 'TokenizersBackend';
const types: Readonly<Record<string, string>> = table.types;
const anew: Readonly<Record<string, Row>> = table.anew;
const backends = new Set([
  plainBackend,
  'PythonBackend',
  'PreTrainedTokenizer',
  'PreTrainedTokenizerFast',
  'MistralCommonBackend',
]);

const isKnown = (name: string) => Object.hasOwn(anew, name) || table.others.includes(name);

/** @returns the class without "Fast", and whether the model type alone decided */
export function tokenizerClass({ model, config, tokenizer }: Omit<TokenizerFolder, 'label'>): {
  readonly name: string;
  readonly byType: boolean;
} {
  const type = stringOf(model['model_type']);
  const own = Object.hasOwn(types, type) ? types[type] : undefined;
  const forced = table.whateverIsSaid.includes(type);
  const stated = stringOf(config['tokenizer_class']) || stringOf(model['tokenizer_class']);
  const said = stated.replace(/Fast$/, '');
  // A name that transformers does not know is as good as none.
  const trusted = (name: string) => ({
    name: !backends.has(name) && isKnown(name) ? name : plainBackend,
    byType: false,
  });
  if (namesCode(config['auto_map']))
    return stated ? trusted(said) : { name: own ?? plainBackend, byType: true };
  if (said === 'LlamaTokenizer' && !forced && hasBytes(tokenizer)) return trusted(plainBackend);
  if (!stated) return { name: own ?? plainBackend, byType: true };
  if (own === undefined || own === said) return trusted(said);
  if (own === plainBackend) return { name: plainBackend, byType: true };
  return forced ? { name: own, byType: true } : trusted(said);
}

/** tokenizer.json and tokenizer_config.json as the folder's class has them. */
export function asItsClass(folder: TokenizerFolder): ClassedTokenizer {
  const { label, model, config, tokenizer } = folder;
  const { name, byType } = tokenizerClass(folder);
  const why = byType ? `its model type is ${stringOf(model['model_type'])}` : `its files name that class`;
  const row = Object.hasOwn(anew, name) ? anew[name] : undefined;
  if (!row) {
    if (!table.others.includes(name)) return { tokenizer, config, findings: [] };
    return {
      tokenizer,
      config,
      findings: [
        {
          code: 'tokenizer-class-not-compared',
          severity: 'warning',
          tensors: [],
          message: `transformers 5 takes the tokenizer class ${name} for ${label} because ${why}. That class builds the parts around the vocabulary anew, and its parts were not compared here.`,
          remedy: `Prompts here follow tokenizer.json, so ids may differ from those of transformers 5. ${table.whateverIsSaid.includes(stringOf(model['model_type'])) ? 'Choose another model if that matters.' : 'If tokenizer.json is meant, set tokenizer_class in tokenizer_config.json to TokenizersBackend.'}`,
        },
      ],
    };
  }
  if (modelType(tokenizer) !== 'BPE')
    return {
      tokenizer,
      config,
      findings: [otherModel(label, name, why, String(modelType(tokenizer)))],
    };
  const merged: Json = { ...row.defaults, ...config };
  const prefix = config['add_prefix_space'];
  const parts: Json = {
    ...row.parts,
    ...(prefix === true ? row.prefixed.true : prefix === false ? row.prefixed.false : {}),
  };
  const flags = isRecord(parts['model']) ? parts['model'] : {};
  const own = isRecord(tokenizer['model']) ? tokenizer['model'] : {};
  const { vocab, merges } = own;
  const built: Record<string, unknown> = {
    ...tokenizer,
    ...parts,
    model: {
      ...flags,
      ...(row.namesUnknown ? { unk_token: contentOf(merged['unk_token']) } : {}),
      vocab,
      merges,
    },
  };
  const other = ['normalizer', 'pre_tokenizer', 'decoder'].filter(
    (part) => plain(tokenizer[part]) !== plain(built[part]),
  );
  if (plain({ type: 'BPE', ...own, vocab: null, merges: null }) !== plain(flags)) other.push('model');
  return {
    tokenizer: built,
    config: merged,
    findings:
      other.length === 0
        ? []
        : [
            {
              code: 'tokenizer-class-builds-anew',
              severity: 'info',
              tensors: [],
              message: `transformers 5 takes the tokenizer class ${name} for ${label} because ${why}. That class builds ${other.join(', ')} anew, and tokenizer.json has other ones.`,
              remedy:
                'Prompts are cut into tokens here as that class cuts them. Other programs may follow tokenizer.json.',
            },
          ],
  };
}

const otherModel = (label: string, name: string, why: string, found: string): Finding => ({
  code: 'tokenizer-class-not-compared',
  severity: 'warning',
  tensors: [],
  message: `transformers 5 takes the tokenizer class ${name} for ${label} because ${why}. That class is a byte-pair encoding, and tokenizer.json has ${found}.`,
  remedy:
    'Prompts here follow tokenizer.json, so ids may differ from those of transformers 5. Save the tokenizer again with transformers, from the files that the model was trained with.',
});

/** `tokenizer_class` of code that comes with a folder, which is not run here: transformers asks before it runs it. */
function namesCode(map: unknown): boolean {
  if (Array.isArray(map)) return true;
  return isRecord(map) && map['AutoTokenizer'] !== undefined && map['AutoTokenizer'] !== null;
}

/** As transformers asks: whether the text of tokenizer.json has "ByteLevel" anywhere. */
function hasBytes(tokenizer: Json): boolean {
  const { model, ...parts } = tokenizer;
  const vocab = isRecord(model) ? model['vocab'] : null;
  return JSON.stringify(parts).includes('"ByteLevel"') || (isRecord(vocab) && Object.hasOwn(vocab, 'ByteLevel')); // prettier-ignore
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const contentOf = (token: unknown): unknown => (isRecord(token) ? token['content'] : token);

/** Where a token lies in its text is of no interest, an idle flag is none, and an empty sequence does nothing. */
function plain(part: unknown): string {
  const idle = (value: unknown): boolean => value === null || value === false || value === '';
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (!isRecord(value)) return value;
    const kept = Object.entries(value).filter(([key, one]) => !['trim_offsets', 'unk_token'].includes(key) && !idle(one)); // prettier-ignore
    return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
  };
  const text = JSON.stringify(sorted(part ?? null));
  return text === '{"normalizers":[],"type":"Sequence"}' ? 'null' : text;
}
