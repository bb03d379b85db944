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
