/**
 * What test sets and calibration ask of the models that these cannot do, told when a trio is opened: before an
 * evaluation or a run begins, on the page and on the command line.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import { learntBeyond, mostAsked } from '../../../core/family/text/positions.ts';
import type { SampleFacts } from '../../../core/memory/facts.ts';
import { isSame } from '../../evaluate/score.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { mostTiles } from '../../nn/images/settings.ts';
import { layoutOfTile } from './memory-facts.ts';
import { faultOf } from './tolerated.ts';
import type { ForwardPlan } from '../forward.ts';
import type { PerRole } from '../roles.ts';
import type { DataSet } from './data-set.ts';
import type { SetName } from './manifest.ts';
import { unwrittenPrompts } from './unwritten-prompts.ts';

const examined = ['perception', 'reasoning'] as const;
/** Prompts of a set that are tokenised: the longest by characters. */
const fewPrompts = 8;

interface PromptedBy {
  readonly vlm: Pick<ForwardPlan['vlm'], 'prompter'>;
}

interface Asked {
  readonly label: string;
  readonly plan: {
    readonly vlm: Pick<ForwardPlan['vlm'], 'prompter' | 'preprocessor'>;
    readonly spec: ForwardPlan['spec'];
  };
  readonly sets: Readonly<Record<SetName, DataSet | null>>;
  /** An answer has at most so many tokens. */
  readonly answerTokens: number;
}

export function setFindings(asked: Asked, signal: AbortSignal): Finding[] {
  const findings: Finding[] = [];
  for (const name of examined) {
    const set = asked.sets[name];
    if (!set) continue;
    findings.push(...answersOf(name, set, asked));
    const prompts = set.items.map(({ prompt }) => prompt);
    const whose = { name, of: `the ${name} set`, label: asked.label };
    findings.push(...unwrittenPrompts(whose, prompts, asked.plan.vlm.prompter));
    signal.throwIfAborted();
    try {
      findings.push(...promptsOf(name, set, asked));
    } catch (thrown) {
      findings.push({
        code: `${name}-prompts-fail`,
        severity: 'warning',
        tensors: [],
        message: `${asked.label} cannot be asked what the ${name} set asks: ${faultOf(thrown)}.`,
        remedy:
          'An evaluation stops there. Correct the prompts of the set, or the file that is named. The models can be merged and exported all the same.',
      });
    }
  }
  return findings;
}

/** Of what a run asks: letters that the VLM's tokenizer cannot write. */
export function unwrittenLessons(
  {
    calibration,
    traces,
  }: { readonly calibration: DataSet | null; readonly traces: readonly string[] | null },
  label: string,
  { vlm: { prompter } }: PromptedBy,
): Finding[] {
  const asked = calibration?.items.map(({ prompt }) => prompt) ?? [];
  return [
    ...unwrittenPrompts({ name: 'calibration', of: 'the calibration', label }, asked, prompter),
    ...unwrittenPrompts({ name: 'trace', of: 'the second teacher', label }, traces ?? [], prompter),
  ];
}

/** Of what a run learns from: texts that are longer than the models were made for. */
export const sampleFindings = (
  {
    spec,
    lrm,
  }: { readonly spec: ForwardPlan['spec']; readonly lrm: Pick<ForwardPlan['lrm'], 'maxPositions'> },
  { vlm: seeing, lrm: reasoning }: PerRole<Pick<Checkpoint, 'label'>>,
  sample: SampleFacts,
): readonly Finding[] =>
  learntBeyond(sample, {
    vlm: { label: seeing.label, maxPositions: spec.text.maxPositions },
    lrm: { label: reasoning.label, maxPositions: lrm.maxPositions },
  });

function answersOf(name: string, set: DataSet, { label, plan, answerTokens }: Asked): Finding[] {
  const { prompter } = plan.vlm;
  const answers = [...new Set(set.items.map(({ answer }) => answer))].map((answer) => {
    try {
      const ids = prompter.encode(answer);
      const back = prompter.decode(ids);
      const outcome = `which comes out as ${quoted(back)}`;
      return { answer, outcome, tokens: ids.length, isWritable: isSame(back, answer, set.scoring) };
    } catch (thrown) {
      return { answer, outcome: `at which it fails: ${faultOf(thrown)}`, tokens: 0, isWritable: false };
    }
  });
  const lost = answers.filter(({ isWritable }) => !isWritable);
  const long = answers.filter(({ isWritable, tokens }) => isWritable && tokens > answerTokens);
  const findings: Finding[] = [];
  const [first] = lost;
  if (first)
    findings.push({
      code: `${name}-answers-unwritable`,
      severity: 'warning',
      tensors: [],
      message: `The tokenizer of ${label} cannot write ${lost.length} of the ${answers.length} answers that the ${name} set expects, such as ${quoted(first.answer)}, ${first.outcome}.`,
      remedy: `No model can be right there, so that scores are too low. Correct these answers, or measure a VLM whose vocabulary has them.`,
    });
  const blank = answers.filter(({ answer, isWritable }) => isWritable && answer.trim() !== answer);
  if (blank[0])
    findings.push({
      code: `${name}-answers-blank-ends`,
      severity: 'warning',
      tensors: [],
      message: `${blank.length} of the ${answers.length} answers that the ${name} set expects begin or end with white space, such as ${JSON.stringify(blank[0].answer.slice(0, 40))}. An answer is right there only with the same white space.`,
      remedy: 'Take the white space away, unless models write it.',
    });
  const longest = long.reduce((most, { tokens }) => Math.max(most, tokens), 0);
  if (long[0])
    findings.push({
      code: `${name}-answers-too-long`,
      severity: 'warning',
      tensors: [],
      message: `${long.length} of the ${answers.length} answers that the ${name} set expects have up to ${longest} tokens, such as ${quoted(long[0].answer)}, and an answer is cut after ${answerTokens}.`,
      remedy:
        'No model can be right there, so that scores are too low. Raise maxAnswerTokens in the manifest.',
    });
  return findings;
}

function promptsOf(name: string, set: DataSet, { label, plan, answerTokens }: Asked): readonly Finding[] {
  const { prompter, preprocessor } = plan.vlm;
  const { text, tokensPerTile } = plan.spec;
  const few = [...new Set(set.items.map(({ prompt }) => prompt))]
    .sort((a, b) => b.length - a.length)
    .slice(0, fewPrompts);
  const longest = (measure: (prompt: string) => number) =>
    few.reduce((most, prompt) => Math.max(most, measure(prompt)), 0);
  const alone = longest((prompt) => prompter.prompt(prompt, { images: 0 }).length);
  // Nothing is laid out where even the most tiles fit.
  if (alone + answerTokens + mostTiles * (tokensPerTile + 8) <= text.maxPositions) return [];
  const shown = set.tile === null ? {} : { layout: layoutOfTile(preprocessor, set.tile) };
  const tokens = longest((prompt) => prompter.prompt(prompt, { images: 1, ...shown }).length);
  return mostAsked(`the ${name} set`, name, label, tokens + answerTokens, text.maxPositions);
}

const quoted = (text: string): string => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
