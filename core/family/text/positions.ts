import type { Finding } from '../pairing.ts';

/**
 * What is to be said of a text that is longer than the model was made for. It is computed all the same, as by
 * transformers: rotary positions go on without end.
 *
 * @param tokens of the prompt, with those of its image, and of the answer
 */
export const beyondPositions = (label: string, tokens: number, maxPositions: number): readonly Finding[] =>
  tokens <= maxPositions
    ? []
    : [
        {
          code: 'beyond-positions',
          severity: 'warning',
          tensors: [],
          message: `The text is ${tokens} tokens long, prompt and answer together, and ${label} was made for ${maxPositions} (max_position_embeddings of its config.json).`,
          remedy:
            'It is computed all the same, as by transformers, and what comes behind that place is often poor. Ask a shorter question, or show a smaller image.',
        },
      ];

/**
 * The same of what a test set or a calibration asks, with answers as long as they may be.
 * @param who what asks: `the perception set`
 */
export const mostAsked = (
  who: string,
  name: string,
  label: string,
  tokens: number,
  maxPositions: number,
): readonly Finding[] =>
  tokens <= maxPositions
    ? []
    : [
        {
          code: `${name}-beyond-positions`,
          severity: 'warning',
          tensors: [],
          message: `Prompt and answer of ${who} may be ${tokens} tokens long together, and ${label} was made for ${maxPositions} (max_position_embeddings of its config.json).`,
          remedy:
            'It is computed all the same, as by transformers, and what comes behind that place is often poor. Ask shorter questions, show smaller images, or allow shorter answers.',
        },
      ];

/** Of what a run learns from. @param models of the trio that answer */
export const learntBeyond = (
  {
    promptTokens,
    textTokens,
    answerTokens,
    assumed,
  }: Readonly<Record<'promptTokens' | 'textTokens' | 'answerTokens', number>> & { readonly assumed: boolean },
  models: Readonly<Record<'vlm' | 'lrm', { readonly label: string; readonly maxPositions: number }>>,
): readonly Finding[] => {
  if (assumed) return [];
  const { vlm, lrm } = models;
  return [
    ...mostAsked('the calibration', 'calibration', vlm.label, promptTokens + answerTokens, vlm.maxPositions),
    ...(textTokens === 0
      ? []
      : mostAsked('the text prompts', 'trace', lrm.label, textTokens + answerTokens, lrm.maxPositions)),
  ];
};
