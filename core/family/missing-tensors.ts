/**
 * Tensors that the VLM's forward pass reads and that its files lack. transformers starts such a tensor at random and
 * warns of it; a merge takes over what the VLM has, so that the merged model would lack it too. Of base and
 * reasoning model only the merged matrices are taken, and pairing names those that are missing.
 */
import { neededTensors } from './needed-tensors.ts';
import type { Finding } from './pairing.ts';
import type { PairedModel } from './trio.ts';

export function missingTensors({ label, spec, tensors }: PairedModel): Finding[] {
  const missing =
    spec.kind === 'unknown'
      ? spec.missing === undefined
        ? []
        : [spec.missing]
      : neededTensors(spec).filter((name) => !tensors.has(name));
  const [first] = missing;
  if (first === undefined) return [];
  const what =
    missing.length === 1
      ? `no tensor ${first}, which its`
      : `${missing.length} tensors too few: ${first} and others that its`;
  return [
    {
      code: 'vlm-tensors-missing',
      severity: 'error',
      tensors: missing,
      message: `The VLM ${label} has ${what} architecture ${spec.architecture} computes with. transformers would start ${missing.length === 1 ? 'it' : 'them'} at random.`,
      remedy:
        'The merged model would lack the same and answer noise. Look whether a shard of the folder is missing, download the VLM again, or take config.json and weights from one model.',
    },
  ];
}
