/**
 * Tokenizer classes of which `transformers` 5 takes the vocabulary alone from tokenizer.json, and builds the parts
 * around it anew. Here tokenizer.json is followed, as `tokenizers` and earlier versions do. Where the two are not
 * the same, a finding says so.
 */
import type { Finding } from '../../../core/family/pairing.ts';

interface Parts {
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
}

const byteLevel = (use_regex: boolean) =>
  ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex }) as const;
const split = (pattern: unknown, behavior: string) =>
  ({ type: 'Split', pattern, behavior, invert: false }) as const;
const words =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const llama: Parts = {
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false },
};

/** As transformers 5.23 builds them. */
export const builtAnew: Readonly<Record<string, Parts>> = {
  LlamaTokenizer: llama,
  CodeLlamaTokenizer: llama,
  Qwen2Tokenizer: {
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [split({ Regex: words }, 'Isolated'), byteLevel(false)],
    },
  },
  GPT2Tokenizer: { normalizer: null, pre_tokenizer: byteLevel(true) },
  GemmaTokenizer: {
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: split({ String: ' ' }, 'MergedWithPrevious'),
  },
  CohereTokenizer: {
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
    },
  },
};

export function classFindings(
  label: string,
  config: Readonly<Record<string, unknown>>,
  tokenizer: Readonly<Record<string, unknown>>,
): Finding[] {
  const stated = config['tokenizer_class'];
  const name = typeof stated === 'string' ? stated.replace(/Fast$/, '') : '';
  const parts = Object.hasOwn(builtAnew, name) ? builtAnew[name] : undefined;
  if (!parts) return [];
  // transformers itself follows tokenizer.json where a class of Llama has a tokenizer of bytes.
  if (parts === llama && plain(tokenizer['pre_tokenizer']).includes('"ByteLevel"')) return [];
  const other = (['normalizer', 'pre_tokenizer'] as const).filter(
    (part) => plain(tokenizer[part]) !== prefixed(plain(parts[part]), config['add_prefix_space']),
  );
  if (other.length === 0) return [];
  return [
    {
      code: 'tokenizer-class-builds-anew',
      severity: 'warning',
      tensors: [],
      message: `tokenizer_config.json of ${label} names the class ${String(stated)}, for which transformers 5 builds ${other.join(' and ')} anew; tokenizer.json has another.`,
      remedy:
        'Prompts here follow tokenizer.json, so ids may differ from those of transformers 5. Set tokenizer_class to TokenizersBackend if tokenizer.json is meant.',
    },
  ];
}

/** The parts of a class with its option add_prefix_space; what is not a truth value leaves the class's own. */
function prefixed(part: string, prefix: unknown): string {
  if (typeof prefix !== 'boolean') return part;
  return part
    .replace('"add_prefix_space":false', `"add_prefix_space":${prefix}`)
    .replace('"prepend_scheme":"first"', `"prepend_scheme":"${prefix ? 'first' : 'never'}"`);
}

/** Where a token lies in its text is of no interest, and an empty sequence does nothing. */
function plain(part: unknown): string {
  const text = JSON.stringify(part ?? null, (key, value: unknown) =>
    key === 'trim_offsets' ? undefined : value,
  );
  return text === '{"type":"Sequence","normalizers":[]}' ? 'null' : text;
}
