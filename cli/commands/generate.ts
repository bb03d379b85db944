import { askOptions, readAsk, withModel } from '../ask.ts';
import type { Command } from '../command.ts';

const defaultTokens = 256;

export const generate: Command = {
  name: 'generate',
  about: 'Answers a prompt, with an image or without, greedily.',
  options: {
    ...askOptions,
    'max-tokens': { value: 'N', about: `at most this many new tokens (${defaultTokens} if not given)` },
  },
  async run(given, context) {
    const { signal } = context;
    const maxTokens = given.whole('max-tokens', 1, 100_000) ?? defaultTokens;
    const ask = await readAsk(given);
    const { ids, text, promptIds, findings } = await withModel(given, context, (model) =>
      model.generate(ask, maxTokens, signal),
    );
    context.onFindings(findings);
    return { json: { text, ids, promptTokens: promptIds.length, tokens: ids.length }, text };
  },
};
