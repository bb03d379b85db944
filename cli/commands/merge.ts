import type { Command } from '../command.ts';
import { mergeInStream } from '../merging/in-stream.ts';
import { findMethod } from '../../core/merging/choose.ts';
import { isStreamMethod } from '../../core/merging/method.ts';
import { methods } from '../../core/merging/methods.ts';
import { layerWise } from '../../core/merging/methods/layer-wise.ts';
import { level } from '../../core/merging/methods/level.ts';
import { taskArithmetic } from '../../core/merging/methods/task-arithmetic.ts';
import { describeMethods } from '../merging/method-settings.ts';
import { acceptOption } from '../findings.ts';
import { selectionOptions, trioOptions } from '../options.ts';
import { UsageError, type Given } from '../usage.ts';

export const merge: Command = {
  name: 'merge',
  about:
    'Merges the reasoning model into the VLM and writes a Hugging Face folder with a model card and a record of how it was made.',
  options: {
    ...trioOptions,
    ...selectionOptions,
    ...acceptOption,
    out: { value: 'DIR', writes: 'directory', required: true, about: 'a new or empty directory' },
    recipe: {
      value: 'FILE',
      about: 'merge by the gates of this recipe, or with --method level by their level in each layer',
    },
    method: { value: 'NAME', about: `one of the methods below (${taskArithmetic.id} if not given)` },
    set: {
      value: 'NAME=VALUE',
      many: true,
      about: 'a setting of the method (may be repeated), or λ of the recipe',
    },
    'max-shard-size': {
      value: 'SIZE',
      about: 'new shards of at most this size, such as 5GB (the VLM’s own shards if not given)',
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
    if (recipe !== null && name === null) {
      refuseHash(given);
      return (await import('./export.ts')).exportModel.run(given, context);
    }
    const method = wanted(name ?? taskArithmetic.id, recipe !== null);
    if (!method)
      throw new UsageError(
        `There is no --method “${name}”. It is one of ${methods.map(({ id }) => id).join(', ')}.`,
      );
    const startsFromGates = method.gates?.startsFromGates ?? false;
    if (recipe !== null && !startsFromGates)
      throw new UsageError(`Give --recipe or --method ${method.id}, not both.`);
    if (recipe === null && startsFromGates)
      throw new UsageError(`--method ${method.id} starts from the gates of a recipe: give --recipe too.`);
    if (isStreamMethod(method)) return mergeInStream(method, given, context);
    refuseHash(given);
    return (await import('../merging/by-gates.ts')).mergeByGates(method, given, context);
  },
};

/** A recipe has the hashes of its models in any case. */
function refuseHash(given: Given): void {
  if (given.flag('hash'))
    throw new UsageError(
      '--hash would change nothing: a merge by gates states the hash of every input in any case. Leave it out.',
    );
}

/** With a recipe, `layer-wise` has always meant its level in each layer. */
const wanted = (name: string, hasRecipe: boolean) =>
  hasRecipe && name === layerWise.id ? level : findMethod(name);
