import type { Score, Target } from '../../protocol/engine.ts';
import type { Command } from '../command.ts';
import { findingsJson } from '../findings.ts';
import { job, applyRecipe, openSession, readRecipe, sessionOptions } from '../session.ts';
import { writeResult } from '../outputs.ts';
import { readRunSettings } from '../run-options.ts';
import { table } from '../table.ts';
import { UsageError } from '../usage.ts';

export const evaluate: Command = {
  name: 'evaluate',
  about:
    'Measures perception and reasoning on a manifest’s test sets, with Wilson 95 % intervals: for the VLM, for one λ everywhere, or for a recipe.',
  options: {
    ...sessionOptions,
    recipe: { value: 'FILE', about: 'measure the model of this recipe' },
    method: { value: 'NAME', about: 'vlm or task-arithmetic, in place of a recipe' },
    set: { value: 'NAME=VALUE', many: true, about: 'lambda=0.5' },
    limit: { value: 'N', about: 'only the first N items of each set' },
    'recipe-out': {
      value: 'FILE',
      writes: 'file',
      about: 'write the recipe again, with these figures in it, to a new file',
    },
  },
  async run(given, context) {
    const isVlm = (given.text('method') ?? (given.text('recipe') === null ? 'vlm' : null)) === 'vlm';
    const withSettings = readRunSettings(
      given,
      isVlm
        ? { keys: [], because: 'the VLM by itself is measured, without --recipe or --method task-arithmetic' }
        : { keys: ['lambda'], because: 'of the options only lambda changes what is measured' },
    );
    const recipe = await readRecipe(given);
    const method = given.text('method') ?? (recipe === null ? 'vlm' : null);
    if (recipe !== null && method !== null) throw new UsageError('Give --recipe or --method, not both.');
    if (method !== null && method !== 'vlm' && method !== 'task-arithmetic')
      throw new UsageError(`There is no --method “${method}” here. It is vlm or task-arithmetic.`);
    const recipeOut = given.text('recipe-out');
    if (recipeOut !== null && recipe === null) throw new UsageError('--recipe-out needs --recipe.');
    const opened = await openSession(given, context, {
      recipe,
      needs: ['perception', 'reasoning'],
      merges: false,
    });
    const applied = recipe === null ? null : await applyRecipe(opened, recipe);
    const options = withSettings(applied?.options ?? { ...opened.session.defaults, lambda: 1 });
    const { lambda } = options;
    const gates = await opened.engine.gates();
    const target: Target =
      method === 'vlm'
        ? { kind: 'vlm' }
        : { kind: 'merged', lambda, gates: method === 'task-arithmetic' ? 1 : gates.values };
    const { perception, reasoning, byTask, elapsedMs } = await opened.engine.evaluate(
      job,
      target,
      given.whole('limit', 1, 1e6),
      context.onProgress,
    );
    if (recipeOut !== null)
      await writeResult(
        recipeOut,
        `${await opened.engine.recipe(job, { run: options, gates, applied: applied?.recipe ?? null }, context.onProgress)}\n`,
      );
    const row = (name: string, { correct, total, low, high }: Score) => [
      name,
      total === 0 ? '–' : (correct / total).toFixed(3),
      `[${low.toFixed(3)}, ${high.toFixed(3)}]`,
      `${correct} of ${total}`,
    ];
    const rows = [
      row('perception', perception),
      row('reasoning', reasoning),
      ...Object.entries(byTask).map(([task, score]) => row(`  ${task}`, score)),
    ];
    const json = {
      of: method ?? 'recipe',
      lambda: method === 'vlm' ? null : lambda,
      notes: applied?.notes ?? [],
      perception,
      reasoning,
      byTask,
      elapsedMs,
      findings: findingsJson(opened.session.pairing.findings, given),
    };
    return {
      json,
      text: [table(['set', 'score', '95 % interval', 'items'], rows), ...(applied?.notes ?? [])].join('\n'),
    };
  },
};
