/**
 * Which models are open, how to find them again, and what tells whether those that are found are the same: layers,
 * ranks, singular values and a sample of the VLM. Of a folder the name is kept here (`kept-folders.ts` has the way back
 * to it), of the Hub never the token.
 */
import * as v from 'valibot';
import { StudioError } from '../../../core/errors.ts';
import { budgetName } from '../budget-name.ts';
import { part } from './part.ts';
import { budget, list, text, whole } from './shapes.ts';
import { keptSource, trioShape } from './source.ts';

/** Singular values of the same matrix, relative to the largest: ten times what the kernels promise. */
const agreement = 1e-5;

const agree = (kept: Float32Array, here: Float32Array): boolean => {
  const limit = agreement * Math.max(kept[0] ?? 0, here[0] ?? 0);
  return kept.length === here.length && kept.every((sigma, i) => Math.abs(sigma - (here[i] ?? 0)) <= limit);
};

export const modelsPart = part({
  shape: v.strictObject({
    label: text(500),
    source: trioShape,
    slots: list(v.strictObject({ id: text(500), rank: whole(2 ** 17) }), 20_000),
    singularValues: list(v.nullable(v.instance(Float32Array)), 20_000),
    budget,
    vlm: v.exactOptional(v.strictObject({ label: text(500), sample: text(100) })),
  }),
  keep: ({ session, source, spectra, vlmSample }) => ({
    label: session?.label ?? '',
    source: keptSource(source),
    slots: session?.slots.map(({ id, rank }) => ({ id, rank })) ?? [],
    singularValues: spectra.map((spectrum) => spectrum?.singularValues ?? null),
    budget: session?.layout.budget ?? null,
    ...(session && vlmSample !== null && { vlm: { label: session.models.vlm.label, sample: vlmSample } }),
  }),
  misfit({ slots, singularValues, vlm }, { session, spectra, vlmSample }) {
    const here = session?.slots ?? [];
    const other =
      here.length !== slots.length ||
      slots.some(({ id, rank }, i) => id !== here[i]?.id || rank !== here[i]?.rank);
    if (other)
      return `The open models have ${here.length} layers that can be merged, and the session is of ${slots.length}${here.length === slots.length ? ' others' : ''}.`;
    const changed = slots.filter((_, i) => {
      const [kept, now] = [singularValues[i], spectra[i]?.singularValues];
      return kept && now && !agree(kept, now);
    });
    if (changed.length > 0)
      return `The weights are others than those of the session: ${changed.length} of ${slots.length} layers have other singular values, ${changed[0]?.id ?? ''} for one.`;
    // Base and LRM are the same, and what was measured and asked is of this VLM.
    return vlm === undefined || vlmSample === null || vlm.sample === vlmSample
      ? null
      : `The VLM has other weights than that of the session: it is ${session?.models.vlm.label ?? ''}, and it was ${vlm.label}. Open the VLM as it was, on the Hub by the commit behind its name.`;
  },
  async restore({ budget: kept }, { context }) {
    await context.get().setBudget(kept);
    if (context.get().session?.layout.budget !== kept)
      throw new StudioError('bad-request', `The session has ${budgetName(kept)}, which could not be set.`);
  },
});
