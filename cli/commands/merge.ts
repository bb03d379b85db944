import type { Command } from '../command.ts';
import { mergeInStream } from '../merging/in-stream.ts';
import { describeMethods } from '../merging/method.ts';
import { methods } from '../merging/methods.ts';
import { selectionOptions, trioOptions } from '../options.ts';
import { UsageError } from '../usage.ts';

export const merge: Command = {
  name: 'merge',
  about:
    'Merges the reasoning model into the VLM and writes a Hugging Face folder with a model card and a record of how it was made.',
  options: {
    ...trioOptions,
    ...selectionOptions,
    out: { value: 'DIR', required: true, about: 'a new or empty directory' },
    recipe: {
      value: 'FILE',
      about: 'merge by the gates of this recipe; with --method layer-wise, by their level in each layer',
    },
    method: { value: 'NAME', about: 'one of those below; task-arithmetic without one' },
    set: {
      value: 'NAME=VALUE',
      many: true,
      about: 'a setting of the method (may be repeated), or λ of the recipe',
    },
    'max-shard-size': {
      value: 'SIZE',
      about: 'new shards of at most this size, such as 5GB; without it the VLM’s own',
    },
    hash: {
      about:
        'state the hash of every input in the record of a method that does not decompose; reads them once more',
    },
  },
  more: describeMethods(methods),
  async run(given, context) {
    const [recipe, name] = [given.text('recipe'), given.text('method')];
    // What decomposes brings the engine and all that it computes with, which a merge in a stream does
    // without.
    if (recipe !== null && name === null)
      return (await import('./export.ts')).exportModel.run(given, context);
    const method = methods.find((candidate) => candidate.name === (name ?? 'task-arithmetic'));
    if (!method)
      throw new UsageError(
        `--method ${name}: known are ${methods.map((candidate) => candidate.name).join(', ')}.`,
      );
    if (recipe !== null && !(method.kind === 'gates' && method.takesRecipe))
      throw new UsageError(`Give --recipe or --method ${method.name}, not both.`);
    if (method.kind === 'gates')
      return (await import('../merging/by-gates.ts')).mergeByGates(method, given, context);
    return mergeInStream(method, given, context);
  },
};
