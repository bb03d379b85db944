import { pairModels } from '../../src/core/family/pair-models.ts';
import { describeSelection, everything, selectSlots } from '../../src/core/family/selection.ts';
import { copyCarriedFiles } from '../../workers/engine/exportFiles.ts';
import { progressMeter } from '../../workers/engine/progressMeter.ts';
import { directoryOutput } from '../../workers/io/directory-output.node.ts';
import { writeText, writeWeights } from '../../workers/io/write-weights.ts';
import { taskArithmetic } from '../../workers/merge/arithmetic.ts';
import type { Command } from '../command.ts';
import { mergeCard } from '../card.ts';
import { asPaired, openTrio } from '../models.ts';
import { readBytes, readSelection, readSettings, selectionOptions, trioOptions } from '../options.ts';
import { formatBytes } from '../table.ts';
import { UsageError } from '../usage.ts';

const methods = ['task-arithmetic'] as const;

export const merge: Command = {
  name: 'merge',
  about: 'Merges the reasoning model into the VLM and writes a Hugging Face folder. Tensors are streamed: memory does not grow with the models.',
  options: {
    ...trioOptions,
    ...selectionOptions,
    out: { value: 'DIR', required: true, about: 'a new or empty directory' },
    recipe: { value: 'FILE', about: 'merge by the gates of this recipe' },
    method: { value: 'NAME', about: `one of: ${methods.join(', ')}; without a recipe` },
    set: { value: 'NAME=VALUE', many: true, about: 'lambda=0.5' },
    'max-shard-size': { value: 'SIZE', about: 'new shards of at most this size, such as 5GB; without it the VLM’s own' },
  },
  async run(given, context) {
    const { signal, onProgress } = context;
    if (given.text('recipe') !== null) {
      if (given.text('method') !== null) throw new UsageError('Give --recipe or --method, not both.');
      // The engine and all that it computes with, which a merge in a stream does without.
      const { exportModel } = await import('./export.ts');
      return exportModel.run(given, context);
    }
    const method = given.text('method') ?? 'task-arithmetic';
    if (!(methods as readonly string[]).includes(method)) throw new UsageError(`--method ${method}: known are ${methods.join(', ')}.`);
    const lambda = readSettings(given.many('set'), ['lambda']).get('lambda') ?? 1;
    const shardSize = given.text('max-shard-size');
    const maxShardBytes = shardSize === null ? null : readBytes('max-shard-size', shardSize);
    const selection = readSelection(given) ?? everything;
    const begunMs = performance.now();
    const { base, vlm, lrm } = await openTrio(given, context);
    const pairing = pairModels({ base: asPaired(base), vlm: asPaired(vlm), lrm: asPaired(lrm) });
    const slots = selectSlots(pairing.slots, selection);
    const merged = new Map(lambda === 0 ? [] : slots.map(({ tensors }) => [tensors.vlm, tensors]));

    const total = vlm.checkpoint.sizeBytes;
    const report = progressMeter({ stage: 'Merging', total, unit: 'bytes' }, onProgress);
    const output = await directoryOutput(given.required('out'));
    let written = 0;
    try {
      const files = await writeWeights(vlm.checkpoint, output, {
        replace: ({ name }) => {
          const names = merged.get(name);
          if (!names) return null;
          const part = (checkpoint: typeof vlm.checkpoint, tensor: string) => ({ checkpoint, tensor });
          return taskArithmetic({ vlm: part(vlm.checkpoint, names.vlm), lrm: part(lrm.checkpoint, names.lrm), base: part(base.checkpoint, names.base) }, lambda, signal);
        },
        maxShardBytes,
        metadata: () => vlm.checkpoint.metadata,
        onBytes: (bytes) => report((written += bytes)),
        signal,
      });
      await writeText(output, 'README.md', mergeCard({ method, settings: { lambda }, layers: describeSelection(selection), base, vlm, lrm, changed: merged.size }), signal);
      files.push('README.md', ...(await copyCarriedFiles(vlm.folder, output, signal)));
      await output.commit();
      const elapsedMs = performance.now() - begunMs;
      const counts = { changed: merged.size, untouched: vlm.checkpoint.tensors.size - merged.size };
      const json = { out: output.label, method, settings: { lambda }, files, ...counts, bytes: written, elapsedMs };
      return { json, text: `${output.label}: ${counts.changed} tensors merged, ${counts.untouched} as in the VLM, ${formatBytes(written)} in ${(elapsedMs / 1000).toFixed(1)} s` };
    } catch (thrown) {
      await output.discard();
      throw thrown;
    }
  },
};
