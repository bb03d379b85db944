/** What the terms of the objective that have lessons ask for: prompts, and distributions to keep. */
import { keptDistributionBytes } from './batches.ts';
import type { Lessons } from '../objective/terms.ts';
import type { RunFacts, SampleFacts } from './facts.ts';
import { lessonsOf, type RunChoice } from './run-choice.ts';
import { floatBytes } from './phase.ts';

/** Tokens of the longest prompt that holds what a teacher sees. */
export function promptTokens(
  { promptTokens: image, textTokens: text, answerTokens }: SampleFacts,
  sees: Lessons['teacherSees'],
): number {
  switch (sees) {
    case 'image':
      return image;
    case 'text':
      return text;
    case 'transcript':
      return answerTokens + text;
    default:
      return sees satisfies never;
  }
}

/** Bytes of the distributions that are kept, for each term with lessons; 0 where they are too many to be kept. */
export function keptDistributions(
  { sample: { items, answerTokens } }: Pick<RunFacts, 'sample'>,
  choice: Pick<RunChoice, 'terms' | 'teacherTopK'>,
  vocabulary: number,
): readonly number[] {
  const { teacherTopK } = choice;
  const named = teacherTopK && teacherTopK < vocabulary - 1 ? teacherTopK : null;
  const of = (count: number) => count * answerTokens * (named ? 8 * named + 4 : floatBytes * vocabulary);
  const all = lessonsOf(choice).map(({ material }) => of(items[material]));
  return named ? all : all.map((bytes) => (bytes > keptDistributionBytes ? 0 : bytes));
}
