import type { ExportFormat } from '../../protocol/engine.ts';
import type { Command } from '../command.ts';
import { onDisk } from '../engine.ts';
import { acceptedCodes, acceptOption, findingsJson } from '../findings.ts';
import { readBytes } from '../options.ts';
import {
  job,
  applyRecipe,
  openSession,
  readRecipe,
  sessionOptions,
  setAllGates,
  type OpenedSession,
} from '../session.ts';
import { leftOutText } from '../left-out.ts';
import { readRunSettings } from '../run-options.ts';
import { formatBytes } from '../table.ts';
import { UsageError } from '../usage.ts';

export const exportModel: Command = {
  name: 'export',
  about:
    'Writes the model of a recipe, or of task arithmetic: a Hugging Face folder, or a PEFT adapter on the VLM.',
  options: {
    ...sessionOptions,
    ...acceptOption,
    recipe: {
      value: 'FILE',
      about:
        'a recipe with gates, λ, budget and basis; without one every gate is 1, which is task arithmetic',
    },
    out: { value: 'DIR', writes: 'directory', required: true, about: 'a new or empty directory' },
    set: { value: 'NAME=VALUE', many: true, about: 'lambda=0.5, for example, in place of the recipe’s' },
    format: { value: 'NAME', about: 'checkpoint (the default) or adapter' },
    rank: { value: 'K', about: 'at most this rank for each layer of an adapter (exact if not given)' },
    'max-shard-size': {
      value: 'SIZE',
      about: 'new shards of at most this size, such as 5GB (the VLM’s own shards if not given)',
    },
  },
  async run(given, context) {
    const format = readFormat(
      given.text('format') ?? 'checkpoint',
      given.text('max-shard-size'),
      given.whole('rank', 1, 1e6),
    );
    const withSettings = readRunSettings(given, {
      keys: ['lambda'],
      because: 'the gates are there already, and of the options only lambda changes the weights',
    });
    const recipe = await readRecipe(given);
    const opened = await openSession(given, context, { recipe, merges: true });
    const {
      options,
      notes,
      recipe: applied,
    } = recipe === null ? await taskArithmetic(opened) : await applyRecipe(opened, recipe);
    const run = withSettings(options);
    const report = await opened.engine.exportMerged(
      job,
      {
        run,
        gates: await opened.engine.gates(),
        format,
        applied,
        accepted: acceptedCodes(given),
      },
      onDisk(given.required('out')),
      context.onProgress,
    );
    const { place, files, changed, untouched, leftOut, energyKept } = report;
    context.onFindings(report.findings);
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const json = {
      out: place,
      format: format.kind,
      files: files.map(({ path }) => path),
      changed,
      untouched,
      energyKept,
      bytes,
      leftOut,
      findings: findingsJson([...opened.session.pairing.findings, ...report.findings], given),
      notes: [...notes, ...opened.notes],
    };
    const kept =
      energyKept === null || energyKept === 1
        ? ''
        : `, ${(100 * energyKept).toFixed(2)} % of the change’s energy`;
    return {
      json,
      text: [
        `${place}: ${changed} tensors changed, ${untouched} as in the VLM, ${formatBytes(bytes)}${kept}, λ ${run.lambda}`,
        ...notes,
        ...opened.notes,
        ...leftOutText(leftOut),
      ].join('\n'),
    };
  },
};

async function taskArithmetic(opened: OpenedSession) {
  await setAllGates(opened, 1);
  const notes = ['No recipe was given, so every gate is 1: this is task arithmetic.'];
  return { options: { ...opened.session.defaults, lambda: 1 }, notes, recipe: null };
}

function readFormat(name: string, shardSize: string | null, maxRank: number | null): ExportFormat {
  if (name === 'adapter') {
    if (shardSize !== null)
      throw new UsageError('--max-shard-size is for checkpoints; an adapter is one file.');
    return { kind: 'adapter', maxRank };
  }
  if (name !== 'checkpoint')
    throw new UsageError(`There is no --format “${name}”. It is checkpoint or adapter.`);
  if (maxRank !== null) throw new UsageError('--rank is for adapters: give --format adapter.');
  return {
    kind: 'checkpoint',
    maxShardBytes: shardSize === null ? null : readBytes('max-shard-size', shardSize),
  };
}
