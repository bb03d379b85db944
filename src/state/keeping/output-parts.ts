/** What was asked last, the method without gates, which findings were accepted, and the recipe that is in force. */
import * as v from 'valibot';
import { isSvd } from '../../../core/gates/basis.ts';
import { encodeRecipe } from '../../../core/recipe/encode.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import type { MethodId } from '../../../core/merging/methods.ts';
import type { Answer, TryResult } from '../../../protocol/asking.ts';
import type { RgbaImage, Session } from '../../../protocol/session.ts';
import type { Asked } from '../records.ts';
import type { StudioState } from '../types.ts';
import { part } from './part.ts';
import { budget, gateField, image, knownAnswer, list, methodChoice, real, text, whole } from './shapes.ts';

const mostText = 1e6;

const answer: v.GenericSchema<unknown, Answer> = v.strictObject({
  text: text(mostText),
  tokens: whole(1e9),
  elapsedMs: real(0, 1e12),
});
const right = v.nullable(v.boolean());

const result: v.GenericSchema<unknown, TryResult> = v.strictObject({
  vlm: answer,
  lrm: v.strictObject({
    text: text(mostText),
    tokens: whole(1e9),
    elapsedMs: real(0, 1e12),
    prompt: text(mostText),
    transcript: text(mostText),
  }),
  merged: answer,
  right: v.strictObject({ vlm: right, lrm: right, merged: right }),
});

const asked: v.GenericSchema<unknown, Asked> = v.strictObject({
  image,
  question: text(mostText),
  lambda: real(),
  gates: gateField,
  budget,
  known: v.nullable(knownAnswer),
  method: v.nullable(methodChoice),
});

/** An example of the trio is known by its object, as its right answers are. */
function exampleLike(kept: RgbaImage, session: Session | null): RgbaImage {
  const examples = session?.forward.available ? session.forward.examples : [];
  const same = examples.find(
    ({ image: { width, height, data } }) =>
      width === kept.width && height === kept.height && data.every((byte, i) => byte === kept.data[i]),
  );
  return same?.image ?? kept;
}

export const tryItPart = part({
  shape: v.strictObject({
    image: v.nullable(image),
    question: text(mostText),
    result: v.nullable(result),
    asked: v.nullable(asked),
  }),
  keep: ({ tryIt }) => ({
    image: tryIt.image,
    question: tryIt.question,
    result: tryIt.result,
    asked: tryIt.asked,
  }),
  restore(kept, { context: { set, get } }) {
    const { session } = get();
    set(({ tryIt }) => ({
      tryIt: {
        ...tryIt,
        ...kept,
        image: kept.image && exampleLike(kept.image, session),
        asked: kept.asked && { ...kept.asked, image: exampleLike(kept.asked.image, session) },
      },
    }));
  },
});

export const methodPart = part({
  shape: v.strictObject({ choices: list(methodChoice, 100), chosen: text(100) }),
  keep: ({ method: { id, settings } }) => ({
    chosen: id,
    choices: Object.entries(settings).map(([name, values]) => ({
      id: name as MethodId,
      settings: values ?? {},
    })),
  }),
  restore({ choices, chosen }, { context: { set, get } }) {
    const settings = Object.fromEntries(choices.map((choice) => [choice.id, choice.settings]));
    const id = choices.find((choice) => choice.id === chosen)?.id ?? get().method.id;
    set({ method: { id, settings } });
  },
});

export const acceptedPart = part({
  shape: v.strictObject({ accepted: list(text(200), 1000) }),
  keep: ({ exporting }) => ({ accepted: [...exporting.accepted] }),
  restore({ accepted }, { context }) {
    context.set(({ exporting }) => ({ exporting: { ...exporting, accepted } }));
  },
});

/** A recipe is written once: it is never changed. */
const written = new WeakMap<Recipe, string>();

const recipeText = (recipe: Recipe): string => {
  const known = written.get(recipe) ?? encodeRecipe(recipe);
  written.set(recipe, known);
  return known;
};

const readable = (given: string): boolean => {
  try {
    return isSvd(parseRecipe(given).basis);
  } catch {
    return false;
  }
};

export const recipePart = part({
  shape: v.strictObject({
    applied: v.nullable(
      v.pipe(
        text(64 * 2 ** 20),
        v.check(
          readable,
          'The recipe in the session is damaged, or of a basis that this page does not show.',
        ),
      ),
    ),
  }),
  keep: ({ recipe: { applied } }: StudioState) => ({ applied: applied && recipeText(applied) }),
  restore({ applied }, { context }) {
    context.set(({ recipe }) => ({
      recipe: { ...recipe, applied: applied === null ? null : parseRecipe(applied) },
    }));
  },
});
