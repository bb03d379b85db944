/**
 * A merge element by element. Tensors pass through in pieces, so that memory does not grow with the models.
 */
import { pairModels } from '../../core/family/pair-models.ts';
import { describeSelection, everything, selectSlots } from '../../core/family/selection.ts';
import { valuesNotFinite } from '../../core/family/copied-values.ts';
import { roles, type Role } from '../../core/family/trio.ts';
import { allFindings } from '../../workers/engine/opening/all-findings.ts';
import type { StreamMethod } from '../../core/merging/method.ts';
import { writeMethodMerge } from '../../workers/engine/exporting/write-method-merge.ts';
import { CopiedValues } from '../../workers/io/copied-values.ts';
import { hashCheckpoint } from '../../workers/io/hash.ts';
import { directoryOutput } from '../../workers/io/output/directory-output.node.ts';
import type { Context, Result } from '../command.ts';
import { acceptedCodes, acceptedInVain, findingsJson, tellFindings } from '../findings.ts';
import { asPaired, openTrio } from '../models.ts';
import { leftOutText } from '../left-out.ts';
import { requireRoom } from '../outputs.ts';
import { readBytes, readSelection } from '../options.ts';
import { formatBytes } from '../table.ts';
import type { Given } from '../usage.ts';
import { readMethodSettings } from './method-settings.ts';

export async function mergeInStream(method: StreamMethod, given: Given, context: Context): Promise<Result> {
  const { signal, onProgress } = context;
  const settings = readMethodSettings(method, given.many('set'));
  const shardSize = given.text('max-shard-size');
  const maxShardBytes = shardSize === null ? null : readBytes('max-shard-size', shardSize);
  const begunMs = performance.now();
  const trio = await openTrio(given, context);
  const paired = { base: asPaired(trio.base), vlm: asPaired(trio.vlm), lrm: asPaired(trio.lrm) };
  const selection = readSelection(given) ?? everything;
  const pairing = pairModels(paired);
  const slots = selectSlots(pairing.slots, selection);
  const checkpoints = await perRole(async (role) => trio[role].checkpoint);
  // All three are read whole, so a sample of each costs nothing even where they come over a network.
  const opening = await allFindings(checkpoints, pairing, ['lrm', 'vlm'], signal);
  tellFindings(opening, given, context, { merges: true });
  const out = given.required('out');
  await requireRoom(out, trio.vlm.checkpoint.sizeBytes);
  const values = new CopiedValues();
  const inputs = await perRole(async (role) => ({
    label: trio[role].checkpoint.label,
    architecture: paired[role].spec.architecture,
    sha256: given.flag('hash')
      ? await hashCheckpoint(
          trio[role].checkpoint,
          undefined,
          signal,
          role === 'vlm' ? values.whole : undefined,
        )
      : null,
  }));
  const hashed = valuesNotFinite(trio.vlm.checkpoint.label, values.found());
  tellFindings(hashed, given, context, { merges: true });
  const folders = await perRole(async (role) => trio[role].folder);

  const output = await directoryOutput(out);
  try {
    const { changed, untouched, bytes, files, leftOut, found } = await writeMethodMerge(
      {
        method,
        settings,
        checkpoints,
        folders,
        inputs,
        tensors: slots.map(({ tensors }) => tensors),
        layers: describeSelection(selection),
        metrics: [],
        findings: [...opening, ...hashed],
        accepted: acceptedCodes(given),
        maxShardBytes,
      },
      output,
      onProgress,
      signal,
    );
    await output.commit();
    const elapsedMs = performance.now() - begunMs;
    // Without --hash nothing looked at the copied tensors before.
    tellFindings(found, given, context, { merges: true, told: hashed });
    const findings = [...opening, ...found];
    const notes = acceptedInVain(findings, given);
    const counts = { changed, untouched };
    const json = {
      out: output.label,
      method: method.id,
      settings,
      files,
      ...counts,
      bytes,
      elapsedMs,
      leftOut,
      findings: findingsJson(findings, given),
      notes,
    };
    return {
      json,
      text: [
        `${output.label}: ${changed} tensors merged, ${untouched} as in the VLM, ${formatBytes(bytes)} in ${(elapsedMs / 1000).toFixed(1)} s`,
        ...notes,
        ...leftOutText(leftOut),
      ].join('\n'),
    };
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}

async function perRole<T>(of: (role: Role) => Promise<T>): Promise<Readonly<Record<Role, T>>> {
  const all = {} as Record<Role, T>;
  for (const role of roles) all[role] = await of(role);
  return all;
}
