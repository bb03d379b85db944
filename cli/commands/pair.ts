import { availableParallelism } from 'node:os';
import { pairModels } from '../../core/family/pair-models.ts';
import { everything, selectSlots } from '../../core/family/selection.ts';
import { visibleLine } from '../../core/visible.ts';
import { planFindings, planForward } from '../../workers/engine/forward-plan.ts';
import { allFindings } from '../../workers/engine/opening/all-findings.ts';
import { memoryFacts, previewSample } from '../../workers/engine/opening/memory-facts.ts';
import type { Command } from '../command.ts';
import { findingMarks } from '../finding-marks.ts';
import { asPaired, openTrio } from '../models.ts';
import { memoryJson, memoryText, forecast } from '../memory.ts';
import { readSelection, selectionOptions, trioOptions } from '../options.ts';

export const pair: Command = {
  name: 'pair',
  about:
    'Compares base, VLM and reasoning model: what will be merged, what will not and why, and how much memory it takes. Reads headers and a small sample of the weights.',
  options: { ...trioOptions, ...selectionOptions },
  async run(given, context) {
    const { signal } = context;
    const { base, vlm, lrm } = await openTrio(given, context);
    const selection = readSelection(given) ?? everything;
    const paired = { base: asPaired(base), vlm: asPaired(vlm), lrm: asPaired(lrm) };
    const { slots, report } = pairModels(paired);
    // A choice of what is not there is an error here as well.
    selectSlots(slots, selection);
    const checkpoints = { base: base.checkpoint, vlm: vlm.checkpoint, lrm: lrm.checkpoint };
    const specs = { base: paired.base.spec, vlm: paired.vlm.spec, lrm: paired.lrm.spec };
    const facts = memoryFacts(
      { checkpoints, specs, slots, workers: Math.max(1, availableParallelism() - 1) },
      await previewSample(checkpoints, specs, signal),
    );
    const memory = forecast(facts, slots, { selection });
    // From the Hub the smallest read brings megabytes.
    const near = base.checkpoint.remote
      ? []
      : (['lrm', 'vlm'] as const).filter((role) => !checkpoints[role].remote);
    // Tokenizers are files of megabytes. Why the models cannot be run is said where that is asked for.
    const plan = near.length === 2 ? await planForward(checkpoints, specs, signal) : '';
    const found = [
      ...(await allFindings(checkpoints, { slots, report }, near, signal)),
      ...(typeof plan === 'string' ? [] : planFindings(plan)),
    ];
    // One line a finding; the tensor named is the first of those concerned.
    const findings = found.map(({ code, severity, tensors, message, remedy }) => ({
      code,
      severity,
      ...(tensors[0] !== undefined && { tensor: tensors[0] }),
      tensors,
      message,
      remedy,
    }));
    const layers = slots.map(({ id, shape, tensors }) => ({ id, shape, tensors }));
    const text = [
      `${report.matched} linear layers pair.`,
      ...findings.map(({ severity, message, remedy }) =>
        visibleLine(`${findingMarks[severity]} ${message} ${remedy}`),
      ),
      memoryText(memory),
    ].join('\n');
    return { json: { matched: report.matched, findings, layers, memory: memoryJson(memory) }, text };
  },
};
