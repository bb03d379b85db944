/** tokenizer.json, tokenizer_config.json, special_tokens_map.json and added_tokens.json, as transformers 5.23 reads them. */
import type { Finding } from '../family/pairing.ts';
import { isRecord } from '../records.ts';
import { namedKeys, unheededKeys } from './name-keys.ts';
import { harmless, named, used, type ReadRules } from './rules.ts';

type Json = Readonly<Record<string, unknown>>;

const token = used('a token that templates and processors refer to by its name');
const extra = used('further tokens that are no ordinary text');
const ends = harmless('tokenizer.json says which tokens begin and end a text, in transformers 5 as well');
const batch = harmless('how a batch is padded or cut off; prompts here are neither');
const about = harmless('it says what made or reads the file');
const slow = harmless('tokenizer.json holds what came of it');
const cleaning = used('spaces before punctuation are taken out of answers; not with BPE unless it is forced');
const unknown = named('what it does is not known here', false);

const tokens = { '*_token': token, extra_special_tokens: extra, additional_special_tokens: extra };

export const tokenizerConfigRules: ReadRules = {
  file: 'tokenizer_config.json',
  about: 'What a tokenizer is beside tokenizer.json. `*_token` stands for every such key that names a token.',
  keys: {
    ...tokens,
    added_tokens_decoder: used('tokens by their ids, and how they are looked for'),
    chat_template: used('how a question is written, where no other file says it'),
    ...{ clean_up_tokenization_spaces: cleaning },
    ...{ clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: cleaning },
    tokenizer_class: used('the parts of a class that transformers builds anew are built here too'),
    add_prefix_space: used('an option of such a class'),
    ...{ add_bos_token: ends, add_eos_token: ends },
    ...{ padding_side: batch, truncation_side: batch, model_max_length: batch, max_len: batch },
    ...{ max_length: batch, stride: batch, truncation_strategy: batch, pad_to_multiple_of: batch },
    ...{ pad_token_type_id: batch, padding: batch, truncation: batch },
    ...{ processor_class: about, backend: about, name_or_path: about, tokenizer_file: about },
    ...{ vocab_file: about, merges_file: about, special_tokens_map_file: about, files_loaded: about },
    ...{ is_local: about, local_files_only: about, init_inputs: about, device_map: about, verbose: about },
    ...{ model_input_names: about, slow_tokenizer_class: about, use_fast: about, from_slow: about },
    ...{ transformers_version: about, tokenizer_type: about },
    ...{ legacy: slow, sp_model_kwargs: slow, errors: slow, spaces_between_special_tokens: slow },
    ...{ use_default_system_prompt: slow, trim_offsets: slow, keep_accents: slow, remove_space: slow },
    ...{ response_schema: harmless('answers are shown as they are'), response_template: harmless('answers are shown as they are') }, // prettier-ignore
    chat_control_tokens: harmless('only heeded where questions are cleaned of such tokens, on request'),
    split_special_tokens: named('special tokens in a text are split', false),
    fix_mistral_regex: named('the pattern that cuts a text into words is replaced', false),
    do_lower_case: named('texts are written in small letters', false),
    auto_map: named('it names code of the folder, which is not run here'),
  },
  others: unknown,
};

const part = used('how a text becomes ids; a part that is computed otherwise here is refused');

export const tokenizerRules: ReadRules = {
  file: 'tokenizer.json',
  about: 'The tokenizer itself.',
  keys: {
    added_tokens: used('tokens that are looked for before all else'),
    ...{ normalizer: part, pre_tokenizer: part, model: part, post_processor: part },
    decoder: used('how ids become a text; one that is computed otherwise here is refused'),
    ...{ truncation: batch, padding: batch },
    version: about,
  },
  others: unknown,
};

export const specialTokensRules: ReadRules = {
  file: 'special_tokens_map.json',
  about:
    'Tokens by name, of older folders. It is not heeded beside added_tokens_decoder in tokenizer_config.json.',
  keys: tokens,
  others: unknown,
};

export const addedTokensRules: ReadRules = {
  file: 'added_tokens.json',
  about:
    'Ids by token, of older folders. It is not heeded beside added_tokens_decoder in tokenizer_config.json.',
  keys: {},
  others: used('a token with its id'),
};

/** @param map special_tokens_map.json, or null where there is none */
export function tokenizerConfigFindings(
  label: string,
  tokenizer: Json,
  config: Json,
  map: Json | null,
): Finding[] {
  const concern = 'prompts and answers here do';
  const remedy =
    'The ids of a text may differ from those of the model’s own tokenizer, and answers here be wrong. Take the settings out of the file if they are not meant.';
  const modern = isRecord(config['added_tokens_decoder']);
  const read = (rules: ReadRules, object: Json) => unheededKeys(rules, withoutTokens(rules, object));
  return [
    ...namedKeys('tokenizer-not-heeded', `tokenizer.json of ${label}`, concern, unheededKeys(tokenizerRules, tokenizer), remedy), // prettier-ignore
    ...namedKeys('tokenizer-config-not-heeded', `tokenizer_config.json of ${label}`, concern, read(tokenizerConfigRules, config), remedy), // prettier-ignore
    ...namedKeys('special-tokens-not-heeded', `special_tokens_map.json of ${label}`, concern, modern || !map ? [] : read(specialTokensRules, map), remedy), // prettier-ignore
  ];
}

function withoutTokens({ keys }: ReadRules, object: Json): Json {
  const isToken = (key: string, value: unknown): boolean =>
    key.endsWith('_token') && !Object.hasOwn(keys, key) && (typeof value === 'string' || isRecord(value));
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => !isToken(key, value)));
}
