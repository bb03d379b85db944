/** A merge element by element: tensors pass through in pieces, and memory does not grow with the models. */
import { version } from '../../package.json';
import { pairModels } from '../../core/family/pair-models.ts';
import { describeSelection, everything, selectSlots } from '../../core/family/selection.ts';
import { mergeKey } from '../../core/recipe/recipe.ts';
import type { StreamMethod } from '../../core/merging/method.ts';
import type { Role } from '../../core/family/trio.ts';
import { copyCarriedFiles } from '../../workers/engine/exporting/export-files.ts';
import { readLicence } from '../../workers/engine/exporting/licence.ts';
import { progressMeter } from '../../workers/engine/progress-meter.ts';
import { hashCheckpoint } from '../../workers/io/hash.ts';
import { directoryOutput } from '../../workers/io/output/directory-output.node.ts';
import { writeText, writeWeights } from '../../workers/io/output/write-weights.ts';
import { mergeStream } from '../../workers/merge/stream.ts';
import { mergeCard } from '../card.ts';
import type { Context, Result } from '../command.ts';
import { asPaired, openTrio, type NamedModel } from '../models.ts';
import { readBytes, readSelection } from '../options.ts';
import { formatBytes } from '../table.ts';
import type { Given } from '../usage.ts';
import { readMethodSettings } from './method-settings.ts';

const roles = ['base', 'vlm', 'lrm'] as const satisfies readonly Role[];

export async function mergeInStream(method: StreamMethod, given: Given, context: Context): Promise<Result> {
  const { signal, onProgress } = context;
  const settings = readMethodSettings(method, given.many('set'));
  const shardSize = given.text('max-shard-size');
  const maxShardBytes = shardSize === null ? null : readBytes('max-shard-size', shardSize);
  const begunMs = performance.now();
  const trio = await openTrio(given, context);
  const { base, vlm, lrm } = trio;
  const paired = { base: asPaired(base), vlm: asPaired(vlm), lrm: asPaired(lrm) };
  const selection = readSelection(given) ?? everything;
  const slots = selectSlots(pairModels(paired).slots, selection);
  const merged = new Map(
    method.stream.isNothing?.(settings) ? [] : slots.map(({ tensors }) => [tensors.vlm, tensors]),
  );

  const inputs = await perRole(async (role) => ({
    label: trio[role].checkpoint.label,
    architecture: paired[role].spec.architecture,
    sha256: given.flag('hash') ? await hashCheckpoint(trio[role].checkpoint, undefined, signal) : null,
    licence: await readLicence(trio[role].folder, signal),
  }));
  const { id, formula, source } = method;
  const stated = await perRole(async (role) => ({
    label: inputs[role].label,
    architecture: inputs[role].architecture,
    sha256: inputs[role].sha256,
  }));
  const layers = describeSelection(selection);
  const record = {
    format: 'frism-merge',
    version: 1,
    studio: version,
    method: id,
    settings,
    formula,
    source,
    layers,
    inputs: stated,
  };

  const report = progressMeter(
    { stage: 'Merging', total: vlm.checkpoint.sizeBytes, unit: 'bytes' },
    onProgress,
  );
  const output = await directoryOutput(given.required('out'));
  let written = 0;
  try {
    const files = await writeWeights(vlm.checkpoint, output, {
      replace: (entry) => {
        const names = merged.get(entry.name);
        const part = ({ checkpoint }: NamedModel, tensor: string) => ({ checkpoint, tensor });
        return names
          ? mergeStream(
              method,
              settings,
              { vlm: part(vlm, names.vlm), lrm: part(lrm, names.lrm), base: part(base, names.base) },
              signal,
            )
          : null;
      },
      maxShardBytes,
      // Where nothing is merged the VLM's files come back byte for byte.
      metadata: (shard) => ({
        ...vlm.checkpoint.metadata,
        ...(shard === 0 && merged.size > 0 && { [mergeKey]: JSON.stringify(record) }),
      }),
      onBytes: (bytes) => report((written += bytes)),
      signal,
    });
    await writeText(
      output,
      'merge.json',
      `${JSON.stringify({ ...record, tensors: [...merged.keys()] }, null, 2)}\n`,
      signal,
    );
    await writeText(
      output,
      'README.md',
      mergeCard({ method, settings, layers, inputs, changed: merged.size }),
      signal,
    );
    files.push('merge.json', 'README.md', ...(await copyCarriedFiles(vlm.folder, output, signal)));
    await output.commit();
    const elapsedMs = performance.now() - begunMs;
    const counts = { changed: merged.size, untouched: vlm.checkpoint.tensors.size - merged.size };
    const json = {
      out: output.label,
      method: id,
      settings,
      files,
      ...counts,
      bytes: written,
      elapsedMs,
      notes: [],
    };
    return {
      json,
      text: `${output.label}: ${counts.changed} tensors merged, ${counts.untouched} as in the VLM, ${formatBytes(written)} in ${(elapsedMs / 1000).toFixed(1)} s`,
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
