import { pairModels } from '../../src/core/family/pair-models.ts';
import { findKinship } from '../../workers/engine/kinship.ts';
import type { Command } from '../command.ts';
import { asPaired, openTrio } from '../models.ts';
import { trioOptions } from '../options.ts';

const marks = { error: '✗', warning: '!', info: '·' } as const;

export const pair: Command = {
  name: 'pair',
  about: 'Lays base, VLM and reasoning model side by side: what will be merged, what will not, and why. Reads headers and a small sample of the weights.',
  options: trioOptions,
  async run(given, { signal }) {
    const { base, vlm, lrm } = await openTrio(given, signal);
    const { slots, report } = pairModels({ base: asPaired(base), vlm: asPaired(vlm), lrm: asPaired(lrm) });
    const kinship = await findKinship({ base: base.checkpoint, vlm: vlm.checkpoint, lrm: lrm.checkpoint }, slots, ['lrm', 'vlm'], signal);
    // One line a finding; the tensor named is the first of those concerned.
    const findings = [...kinship, ...report.findings].map(({ code, severity, tensors, message, remedy }) => ({ code, severity, ...(tensors[0] !== undefined && { tensor: tensors[0] }), tensors, message, remedy }));
    const layers = slots.map(({ id, shape, tensors }) => ({ id, shape, tensors }));
    const text = [`${report.matched} linear layers pair.`, ...findings.map(({ severity, message, remedy }) => `${marks[severity]} ${message} ${remedy}`)].join('\n');
    return { json: { matched: report.matched, findings, layers }, text };
  },
};
