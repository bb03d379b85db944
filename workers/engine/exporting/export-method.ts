/** The page's export of a merge by a method without gates: what the command line writes, and what was measured. */
import { requireAccepted } from '../../../core/family/accept-findings.ts';
import { describeSelection } from '../../../core/family/selection.ts';
import { chosenStream } from '../../../core/merging/choose.ts';
import type { MergeRecord } from '../../../core/recipe/merge-record.ts';
import type { RecipeInput } from '../../../core/recipe/recipe.ts';
import type { ExportReport, MethodExport } from '../../../protocol/engine.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { Role } from '../../../core/family/trio.ts';
import { writeText } from '../../io/output/write-weights.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { studioCheck } from './studio-check.ts';
import { wholeOrNothing, type ExportOutput } from './whole-or-nothing.ts';
import { writeMethodMerge } from './write-method-merge.ts';

export async function exportMethod(
  session: OpenSession,
  { method: choice, maxShardBytes, accepted = [] }: MethodExport,
  open: () => Promise<ExportOutput>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ExportReport> {
  const { method, settings } = chosenStream(choice);
  const { facts, checkpoints, folders, selection } = session;
  requireAccepted(facts.pairing.findings, accepted);
  const target = { kind: 'method', method: { id: method.id, settings } } as const;
  const hashes = await session.hashes.inputs(onProgress, signal);
  const input = (role: Role): RecipeInput => ({
    label: facts.models[role].label,
    architecture: facts.models[role].architecture,
    sha256: hashes[role],
  });
  const inputs: MergeRecord['inputs'] = { base: input('base'), vlm: input('vlm'), lrm: input('lrm') };
  const { metrics } = await session.figures.of({ method: target.method });
  const check = session.forward ? await studioCheck(session, target, signal) : null;
  return wholeOrNothing(open, async (output) => {
    const { record, changed, untouched, leftOut, found } = await writeMethodMerge(
      {
        method,
        settings,
        checkpoints,
        folders,
        inputs,
        tensors: facts.slots.map(({ tensors }) => tensors),
        layers: describeSelection(selection),
        metrics,
        findings: [...facts.pairing.findings, ...session.hashes.findings],
        accepted,
        maxShardBytes,
      },
      output,
      onProgress,
      signal,
    );
    if (check !== null) await writeText(output, 'studio-check.json', check, signal);
    return {
      changed,
      untouched,
      leftOut,
      findings: found,
      energyKept: null,
      recipe: JSON.stringify(record),
    };
  });
}
