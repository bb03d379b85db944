import { readModelSpec } from '../../core/family/read-spec.ts';
import { visibleLine } from '../../core/visible.ts';
import type { Command } from '../command.ts';
import { openModel } from '../models.ts';
import { formatBytes, table } from '../table.ts';

export const inspect: Command = {
  name: 'inspect',
  about:
    'Lists the tensors of a model folder, a safetensors file or a repository (hub:owner/name[@revision]). Reads headers only.',
  positionals: ['DIR|FILE'],
  options: {},
  async run({ positionals }, context) {
    const { checkpoint } = await openModel(positionals[0] ?? '', context);
    const { findings = [] } = checkpoint;
    context.onFindings(findings, true);
    const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
    const tensors = [...checkpoint.tensors.values()].map(({ name, dtype, shape, sizeBytes, file }) => ({
      name,
      dtype,
      shape,
      bytes: sizeBytes,
      file,
    }));
    const forward = spec.kind === 'unknown' ? spec.reason : null;
    const json = {
      format: 'safetensors',
      architecture: spec.architecture,
      forward: { available: forward === null, reason: forward },
      bytes: checkpoint.sizeBytes,
      tensors,
      metadata: checkpoint.metadata,
      findings,
    };
    const head = [
      `${checkpoint.label}: ${spec.architecture}, ${tensors.length} tensors, ${formatBytes(checkpoint.sizeBytes)}`,
      ...(forward === null ? [] : [forward]),
      ...Object.entries(checkpoint.metadata).map(
        ([key, value]) => `${key}: ${value.length > 100 ? `${value.slice(0, 97)}…` : value}`,
      ),
    ];
    const list = table(
      ['tensor', 'dtype', 'shape', 'bytes'],
      tensors.map(({ name, dtype, shape, bytes }) => [name, dtype, shape.join(' × '), bytes]),
    );
    return { json, text: [...head.map(visibleLine), '', list].join('\n') };
  },
};
