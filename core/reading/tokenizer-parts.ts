/**
 * The options of the parts of tokenizer.json: of its normalizer, pre-tokenizer, model, post-processor and decoder.
 * Those of the `tokenizers` library 0.23 are known; how each part is computed is in workers/nn/text/tokenizer-parts.ts.
 */
import { harmless, refused, used, type ReadRules } from './rules.ts';

const part = used('what the part does; a value that is computed otherwise here is refused');
const kind = used('which part it is; one that is not known is refused');
const offsets = harmless('it moves where tokens lie in a text, not which they are');

export const tokenizerPartRules: ReadRules = {
  file: 'parts of tokenizer.json',
  about: 'Options of the normalizer, pre-tokenizer, model, post-processor and decoder.',
  keys: {
    type: kind,
    ...{ normalizers: part, pretokenizers: part, processors: part, decoders: part },
    ...{ pattern: part, content: part, behavior: part, invert: part, individual_digits: part },
    ...{ replacement: part, prepend_scheme: part, add_prefix_space: part, split: part, str_rep: part },
    ...{ use_regex: part, trim_offsets: offsets, prepend: part, strip_left: part, strip_right: part },
    ...{ start: part, stop: part, suffix: part, prefix: part, cleanup: part },
    ...{
      single: part,
      pair: harmless('prompts here are one text'),
      special_tokens: part,
      sep: part,
      cls: part,
    },
    ...{ vocab: part, merges: part, unk_token: part, unk_id: part, fuse_unk: part, byte_fallback: part },
    ...{ ignore_merges: part, dropout: part, continuing_subword_prefix: part, end_of_word_suffix: part },
    max_input_chars_per_word: part,
    cache_capacity: harmless('how much the library remembers'),
  },
  others: refused('what it changes is not known here', false),
};
