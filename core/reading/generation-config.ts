/**
 * generation_config.json: what `transformers` heeds when it generates. Answers here are greedy, so what only
 * sampling or beams heed changes nothing; what changes a greedy answer is applied, or named.
 */
import { StudioError } from '../errors.ts';
import { JsonField } from '../json-field.ts';
import type { Finding } from '../family/pairing.ts';
import { harmless, named, sortKeys, used, type ReadRules } from './rules.ts';

/** What changes a greedy answer, as the logits processors of `transformers` apply it. */
export interface AnswerRules {
  /** Ids that end an answer. */
  readonly stopIds: readonly number[] | null;
  /** Ids that no answer has, and that none begins with. */
  readonly suppressed: readonly number[];
  readonly suppressedFirst: readonly number[];
  /** Sequences of ids that no answer has. */
  readonly badWords: readonly (readonly number[])[];
  /** Divides the positive logits of ids that were there before, and multiplies negative ones. */
  readonly repetitionPenalty: number;
  /** No sequence of so many ids comes twice; 0 for no such rule. */
  readonly noRepeatNgram: number;
  /** Tokens before an answer may end: in the answer, and in prompt and answer together. */
  readonly minNewTokens: number;
  readonly minLength: number;
}

const sampling = harmless('only sampling heeds it, and answers here are greedy');
const beams = harmless('only a search with several beams heeds it');
const running = harmless('how the answer is computed, not what it is');
const output = harmless('what a call of generate returns beside the answer');
const speculation = harmless('a faster way to the same greedy answer');

export const generationConfigRules: ReadRules = {
  file: 'generation_config.json',
  about: 'How a model answers. The teachers of a distillation answer by it, too.',
  keys: {
    eos_token_id: used('the ids that end an answer'),
    suppress_tokens: used('ids that no answer has'),
    begin_suppress_tokens: used('ids that no answer begins with'),
    bad_words_ids: used('sequences of ids that no answer has'),
    repetition_penalty: used('weakens ids that were there before, in the prompt as well'),
    no_repeat_ngram_size: used('no sequence of so many ids comes twice'),
    min_new_tokens: used('the answer does not end before so many tokens'),
    min_length: used('prompt and answer together do not end before so many tokens'),
    max_new_tokens: harmless('how long an answer may be is chosen where it is asked for'),
    max_length: harmless('how long an answer may be is chosen where it is asked for'),
    bos_token_id: harmless('the prompt is never empty'),
    pad_token_id: harmless('what stands in for padding is masked out'),
    decoder_start_token_id: harmless('of models with an encoder'),
    ...{ do_sample: sampling, temperature: sampling, top_k: sampling, top_p: sampling, top_h: sampling },
    ...{ min_p: sampling, typical_p: sampling, epsilon_cutoff: sampling, eta_cutoff: sampling },
    renormalize_logits: harmless('the largest logit stays the largest'),
    remove_invalid_values: harmless('logits that are no numbers end the run'),
    ...{ length_penalty: beams, early_stopping: beams, low_memory: beams, diversity_penalty: beams },
    ...{ num_beam_groups: beams, num_return_sequences: output },
    ...{ use_cache: running, cache_implementation: running, cache_config: running, max_cache_len: running },
    ...{ compile_config: running, disable_compile: running, prefill_chunk_size: running },
    ...{ continuous_batching_config: running, max_time: running },
    ...{ output_attentions: output, output_hidden_states: output, output_logits: output },
    ...{ output_scores: output, return_dict_in_generate: output },
    ...{ prompt_lookup_num_tokens: speculation, max_matching_ngram_size: speculation },
    ...{ num_assistant_tokens: speculation, num_assistant_tokens_schedule: speculation },
    ...{ assistant_confidence_threshold: speculation, assistant_early_exit: speculation },
    ...{ assistant_ensemble_weight: speculation, assistant_lookbehind: speculation },
    ...{ target_lookbehind: speculation, is_assistant: speculation, use_mtp: speculation },
    speculation_type: speculation,
    transformers_version: harmless('which version wrote the file'),
    _from_model_config: harmless('where the file came from'),
    num_beams: named('it asks for a search with several beams', 1),
    penalty_alpha: named('it asks for contrastive search', 0),
    dola_layers: named('it asks for decoding by contrasting layers'),
    constraints: named('it constrains the answer'),
    force_words_ids: named('it forces words into the answer'),
    forced_bos_token_id: named('it forces the first token'),
    forced_eos_token_id: named('it forces the last token of an answer that is cut off'),
    sequence_bias: named('it makes sequences likelier or less likely'),
    exponential_decay_length_penalty: named('it makes an end likelier with each token'),
    guidance_scale: named('it asks for guidance without a classifier', 1),
    encoder_repetition_penalty: named('it strengthens what the prompt has', 1),
    encoder_no_repeat_ngram_size: named('it forbids what the prompt has', 0),
    watermarking_config: named('it asks for a watermark'),
    stop_strings: named('an answer ends at these texts', []),
    token_healing: named('the end of the prompt is tokenised anew', false),
  },
  others: named('what it does is not known here', false),
};

/** `rules` is null where an answer is simply the likeliest token, step by step. */
export function readGenerationConfig(
  label: string,
  config: Readonly<Record<string, unknown>>,
): { readonly rules: AnswerRules; readonly plain: boolean; readonly findings: readonly Finding[] } {
  const file = `generation_config.json of ${label}`;
  const at = (key: string): JsonField => new JsonField(config, file).at(key);
  const id = (field: JsonField): number => field.whole(0, 2 ** 31);
  const ids = (key: string): readonly number[] => at(key).optional((field) => field.list().map(id)) ?? [];
  const whole = (key: string): number => at(key).optional((field) => field.whole(0, 2 ** 31)) ?? 0;
  const rules: AnswerRules = {
    stopIds: at('eos_token_id').optional((field) =>
      Array.isArray(field.raw) ? field.list(1000).map(id) : [id(field)],
    ),
    suppressed: ids('suppress_tokens'),
    suppressedFirst: ids('begin_suppress_tokens'),
    badWords:
      at('bad_words_ids').optional((field) => field.list().map((word) => word.list(1000, 1).map(id))) ?? [],
    repetitionPenalty: at('repetition_penalty').optional((field) => field.number(1e-6, 1e6)) ?? 1,
    noRepeatNgram: whole('no_repeat_ngram_size'),
    minNewTokens: whole('min_new_tokens'),
    minLength: whole('min_length'),
  };
  if (rules.stopIds?.length === 0)
    throw new StudioError('bad-file', `${file} ends answers at no token: eos_token_id is an empty list. Name the token that ends an answer.`, { details: { file, value: 'eos_token_id' } }); // prettier-ignore
  const plain =
    rules.suppressed.length + rules.suppressedFirst.length + rules.badWords.length === 0 &&
    rules.repetitionPenalty === 1 &&
    Math.max(rules.noRepeatNgram, rules.minNewTokens, rules.minLength) === 0;
  return { rules, plain, findings: findingsOf(label, config) };
}

function findingsOf(label: string, config: Readonly<Record<string, unknown>>): Finding[] {
  const { named: found } = sortKeys(generationConfigRules, config);
  if (found.length === 0) return [];
  const said = found.slice(0, 12).map(({ key, rule }) => `${key} (${rule.why})`);
  return [
    {
      code: 'generation-config-not-heeded',
      severity: 'warning',
      tensors: [],
      message: `generation_config.json of ${label} has ${found.length === 1 ? 'a setting' : `${found.length} settings`} that answers here do not heed: ${said.join(', ')}.`,
      remedy:
        'Answers may differ from those of transformers with this file, those that teach a distillation included. Take the settings out of the file if they are not meant.',
    },
  ];
}
