/**
 * L_distill = E_x [ KL( P(·|x; θ_vlm) ‖ P(·|x; θ_merged) ) ] (FRISM Eq. 8): the VLM teaches on unlabeled
 * images with perception questions, on the answers that it gave itself.
 */
import { termTable } from '../../../core/objective/terms.ts';
import { answersOf, teachable } from '../calibration.ts';
import { promptAbout } from '../image-features.ts';
import { taughtBy } from './taught.ts';

export const distill = taughtBy('distill', termTable.distill.lessons, {
  lacks: ({ calibration }) => (calibration === null ? 'calibration images' : null),
  async ask(vlm, { brought }, job) {
    const asked = (brought.calibration ?? []).map(({ image, text }) => ({
      image,
      prompt: promptAbout(vlm.prompter, vlm.images, text, image),
    }));
    const answers = await answersOf(vlm, asked, 'VLM answers', job);
    return asked.map(({ image, prompt }, i) => ({
      teacherPrompt: prompt,
      studentPrompt: prompt,
      teacherImage: image,
      studentImage: image,
      ...teachable(answers[i] ?? [], job.maxTokens, vlm.imageTokenId),
    }));
  },
});
