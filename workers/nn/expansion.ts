/**
 * The text that takes the place of an image's placeholder in a rendered prompt, as each family's processor in
 * transformers writes it (`replace_image_token`).
 */
import { StudioError } from '../../core/errors.ts';
import type { VisionLanguageSpec } from '../../core/family/model-spec.ts';
import type { ImageLayout } from './contract.ts';

export interface ImageWords {
  /** What the chat template writes for an image, and the token of one row of features. */
  readonly image: string;
  /** Around all of an image's tokens; InternVL only. */
  readonly start: string;
  readonly end: string;
}

const aroundImage = '<fake_token_around_image>';
const wholeImage = '<global-img>';

/** Tokens that must be in the vocabulary for a family's prompts to be what the model was trained on. */
export function neededWords({ family }: VisionLanguageSpec, words: ImageWords): readonly string[] {
  switch (family) {
    case 'idefics3':
      return [words.image, aroundImage, wholeImage];
    case 'internvl':
      return [words.image, words.start, words.end];
    case 'llava':
    case 'llava-onevision':
      return [words.image];
    default:
      throw family satisfies never;
  }
}

export function expandImage(
  { family, tokensPerTile }: VisionLanguageSpec,
  { image, start, end }: ImageWords,
  layout: ImageLayout | undefined,
): string {
  switch (family) {
    case 'idefics3': {
      const tile = image.repeat(tokensPerTile);
      const whole = `${aroundImage}${wholeImage}${tile}${aroundImage}`;
      const { rows, columns } = layout ?? { rows: 0, columns: 0 };
      const row = (r: number) =>
        Array.from({ length: columns }, (_, c) => `${aroundImage}<row_${r + 1}_col_${c + 1}>${tile}`).join(
          '',
        );
      return rows === 0
        ? whole
        : `${Array.from({ length: rows }, (_, r) => `${row(r)}\n`).join('')}\n${whole}`;
    }
    case 'internvl':
      return `${start}${image.repeat(layout?.tokens ?? tokensPerTile)}${end}`;
    case 'llava':
      return image.repeat(layout?.tokens ?? tokensPerTile);
    case 'llava-onevision':
      if (!layout)
        throw new StudioError(
          'internal',
          'The prompt of an image that is cut by its shape was asked for without its shape.',
        );
      return image.repeat(layout.tokens);
    default:
      throw family satisfies never;
  }
}
