/**
 * The next token of a greedy answer where a model's generation_config.json has rules for it: the logits processors
 * of `transformers` 5.23, in the order in which `generate` applies them.
 */
import type { AnswerRules } from '../../core/reading/generation-config.ts';

/** `AnswerRules` with the ids that end an answer, wherever they were found. */
export interface ChoosingRules extends AnswerRules {
  readonly stopIds: readonly number[];
}

/**
 * @param scores logits [K]; they are changed
 * @param before ids of prompt and answer so far, without padding
 * @param answered how many of them are the answer's
 * @returns the id of the largest logit that is left
 */
export function chooseToken(
  rules: ChoosingRules,
  scores: Float32Array,
  before: readonly number[],
  answered: number,
): number {
  const ban = (ids: readonly number[]): void => {
    for (const id of ids) if (id < scores.length) scores[id] = -Infinity;
  };
  if (rules.repetitionPenalty !== 1) penalise(scores, before, rules.repetitionPenalty);
  if (rules.noRepeatNgram > 0) ban(repeating(before, rules.noRepeatNgram));
  for (const word of rules.badWords) {
    const [last = -1, prefix] = [word.at(-1), word.slice(0, -1)];
    if (prefix.length === 0) {
      if (!rules.stopIds.includes(last)) ban([last]);
    } else if (prefix.length <= before.length && endsWith(before, prefix)) ban([last]);
  }
  if (before.length < rules.minLength || answered < rules.minNewTokens) ban(rules.stopIds);
  ban(rules.suppressed);
  if (answered === 0) ban(rules.suppressedFirst);
  return largest(scores);
}

function penalise(scores: Float32Array, before: readonly number[], penalty: number): void {
  const by = Math.fround(penalty);
  for (const id of new Set(before)) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score < 0 ? score * by : score / by;
  }
}

/** What would complete a sequence of `size` ids that was there before. */
function repeating(before: readonly number[], size: number): number[] {
  const start = before.slice(before.length + 1 - size);
  const found: number[] = [];
  if (before.length + 1 < size) return found;
  for (let at = 0; at + size <= before.length; at++)
    if (start.every((id, i) => before[at + i] === id)) found.push(before[at + size - 1] as number);
  return found;
}

function endsWith(ids: readonly number[], ending: readonly number[]): boolean {
  const from = ids.length - ending.length;
  return ending.every((id, i) => ids[from + i] === id);
}

function largest(scores: Float32Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if ((scores[id] as number) > (scores[best] as number)) best = id;
  return best;
}
