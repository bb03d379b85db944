/**
 * A merge by gates that a method sets. Factors are decomposed or taken from the cache, and the model is
 * written by the same export as a recipe's.
 */
import { makeBrush } from '../../core/gates/brush.ts';
import { gateLimit } from '../../core/merging/common-settings.ts';
import { methodGates } from '../../core/merging/method-gates.ts';
import type { GateMethod } from '../../core/merging/method.ts';
import type { Context, Result } from '../command.ts';
import { onDisk } from '../engine.ts';
import { acceptedCodes, findingsJson } from '../findings.ts';
import { leftOutText } from '../left-out.ts';
import { readBytes } from '../options.ts';
import { job, applyRecipe, openSession, readRecipe } from '../session.ts';
import { formatBytes } from '../table.ts';
import type { Given } from '../usage.ts';
import { readMethodSettings } from './method-settings.ts';

export async function mergeByGates(method: GateMethod, given: Given, context: Context): Promise<Result> {
  const recipe = await readRecipe(given);
  const said = readMethodSettings(method, given.many('set'));
  const shardSize = given.text('max-shard-size');
  const maxShardBytes = shardSize === null ? null : readBytes('max-shard-size', shardSize);
  const begunMs = performance.now();
  const opened = await openSession(given, context, { recipe, merges: true });
  const applied = recipe === null ? null : await applyRecipe(opened, recipe);
  const isLambdaSaid = given.many('set').some((text) => text.startsWith('lambda='));
  const settings = applied && !isLambdaSaid ? { ...said, lambda: applied.options.lambda } : said;
  const before = (await opened.engine.gates()).values;
  // A recipe's budget is a layout of its own; gates that a method sets are of all subspaces.
  const layout = applied?.layout ?? opened.session.layout;
  const lastLayer = Math.max(...opened.session.slots.map(({ layer }) => layer));
  const slots = opened.session.slots.map(({ layer }, i) => {
    const { singularValues = new Float32Array(), measures } = opened.spectra[i] ?? {};
    return { layer, lastLayer, singularValues, noiseEdge: measures?.noiseEdge ?? 0 };
  });
  const brush = makeBrush(layout.slots, null);
  const { values, clamped } = methodGates(method, brush, before, slots, settings, gateLimit);
  await opened.engine.setGates(2, { indices: brush.indices, values, locks: new Uint8Array(values.length) });
  const run = { ...(applied?.options ?? opened.session.defaults), lambda: settings['lambda'] ?? 1 };
  const gateMax = values.reduce((most, gate) => Math.max(most, gate), 1);
  const preset = { name: method.id, settings };
  const report = await opened.engine.exportMerged(
    job,
    {
      run: { ...run, gateMax },
      gates: await opened.engine.gates(),
      format: { kind: 'checkpoint', maxShardBytes },
      preset,
      accepted: acceptedCodes(given),
    },
    onDisk(given.required('out')),
    context.onProgress,
  );
  const { place, files, changed, untouched, leftOut } = report;
  context.onFindings(report.findings);
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const elapsedMs = performance.now() - begunMs;
  const cut =
    clamped === 0
      ? []
      : [
          `${clamped} gate${clamped === 1 ? '' : 's'} would be above ${gateLimit} and ${clamped === 1 ? 'was' : 'were'} cut there: subspaces so weak that ${method.id} would mostly raise rounding.`,
        ];
  const notes = [...(applied?.notes ?? []), ...cut, ...opened.notes];
  const json = {
    out: place,
    method: method.id,
    settings,
    files: files.map(({ path }) => path),
    changed,
    untouched,
    bytes,
    elapsedMs,
    leftOut,
    findings: findingsJson([...opened.session.pairing.findings, ...report.findings], given),
    notes,
  };
  return {
    json,
    text: [
      `${place}: ${changed} tensors merged, ${untouched} as in the VLM, ${formatBytes(bytes)} in ${(elapsedMs / 1000).toFixed(1)} s`,
      ...notes,
      ...leftOutText(leftOut),
    ].join('\n'),
  };
}
