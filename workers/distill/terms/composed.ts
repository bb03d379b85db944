/**
 * L_composed = E_x [ KL( P(·|text(x); θ_lrm) ‖ P(·|x; θ_merged) ) ]: the LRM reasons on what the VLM
 * transcribed from image x, the student must do it on the image; answer positions only, aligned token by
 * token. An extension of this project; weight 0 is FRISM as published.
 */
import { termTable } from '../../../core/objective/terms.ts';
import { answersOf, teachable, textForm } from '../calibration.ts';
import { promptAbout } from '../image-features.ts';
import { taughtBy } from './taught.ts';

export const composed = taughtBy('composed', termTable.composed.lessons, {
  lacks: ({ composed: questions, transcriptionPrompt }) =>
    questions === null
      ? 'images for the second teacher'
      : transcriptionPrompt === null
        ? 'transcription prompt for the second teacher'
        : null,
  async ask(lrm, { brought, vlm: seeing }, job) {
    const [questions, transcriptionPrompt] = [brought.composed ?? [], brought.transcriptionPrompt ?? ''];
    const vlm = await seeing('composed');
    const seen = questions.map(({ image }) => ({
      image,
      prompt: promptAbout(vlm.prompter, vlm.images, transcriptionPrompt, image),
    }));
    const transcripts = await answersOf(vlm, seen, 'VLM transcripts', job);
    const asked = questions.map(({ text }, i) => ({
      image: null,
      prompt: lrm.prompter.prompt(textForm(vlm.prompter.decode(transcripts[i] ?? []), text), { images: 0 }),
    }));
    const answers = await answersOf(lrm, asked, 'LRM answers', job);
    return questions.map(({ image, text }, i) => ({
      teacherPrompt: asked[i]?.prompt ?? [],
      studentPrompt: promptAbout(vlm.prompter, vlm.images, text, image),
      teacherImage: null,
      studentImage: image,
      ...teachable(answers[i] ?? [], job.maxTokens, vlm.imageTokenId),
    }));
  },
});
