/**
 * L_trace = E_t [ KL( P(·|t; θ_lrm) ‖ P(·|t; θ_merged as text model) ) ]: the LRM teaches on unlabeled text
 * prompts, on its own greedy answers. An extension of this project (docs: the second teacher); weight 0 is
 * FRISM as published.
 */
import { termTable } from '../../../core/objective/terms.ts';
import { answersOf, teachable } from '../calibration.ts';
import { taughtBy } from './taught.ts';

export const trace = taughtBy('trace', termTable.trace.lessons, {
  lacks: ({ traces }) => (traces === null ? 'text prompts for the reasoning model' : null),
  async ask(lrm, { brought, vlmPrompter }, job) {
    const texts = brought.traces ?? [];
    const asked = texts.map((text) => ({ image: null, prompt: lrm.prompter.prompt(text, { images: 0 }) }));
    const answers = await answersOf(lrm, asked, 'LRM answers', job);
    // Each side gets the prompt in its own chat template.
    return asked.map(({ prompt }, i) => ({
      teacherPrompt: prompt,
      studentPrompt: vlmPrompter.prompt(texts[i] ?? '', { images: 0 }),
      teacherImage: null,
      studentImage: null,
      ...teachable(answers[i] ?? [], job.maxTokens, vlmPrompter.imageTokenId),
    }));
  },
});
