/**
 * Finds out whether VLM and LRM were tuned from this base. The weights of a model and of one that was tuned
 * from it stay nearly parallel. The weights of models that were trained apart are uncorrelated, however alike
 * their shapes are. A small sample is enough: a few thousand numbers from the middle of some layers.
 */
import type { Role } from '../../../core/family/trio.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { dtypeBytes, isFloatDtype } from '../../../core/safetensors/dtype.ts';
import type { SlotInfo, TrioSource } from '../../../protocol/session.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';

/** Layers looked at, and numbers of each: 8 · 3 reads of 16 kB in bfloat16. */
const sampledLayers = 8;
const sampledElements = 8192;
/** Tuning leaves correlations above 0.9; 8192 independent numbers have one of 0 ± 0.011. */
const related = 0.5;

/**
 * The models of which a sample is cheap, which are those that lie at hand. From the Hub the smallest read
 * brings a block of megabytes, so there the reasoning model is sampled once it has been read for its
 * decomposition, and the VLM is not.
 */
export function atHand(source: TrioSource): ('lrm' | 'vlm')[] {
  const remote = (role: Role) => source.kind === 'parts' && 'kind' in source[role];
  return remote('base') ? [] : (['lrm', 'vlm'] as const).filter((role) => !remote(role));
}

export interface Kinship {
  /** Tensor of the model. */
  readonly tensor: string;
  /** Pearson's r of model and base over the sample; NaN where one of them is constant. */
  readonly correlation: number;
  readonly identical: boolean;
}

export async function findKinship(
  checkpoints: PerRole<Checkpoint>,
  slots: readonly SlotInfo[],
  roles: readonly ('lrm' | 'vlm')[],
  signal: AbortSignal,
): Promise<Finding[]> {
  if (roles.length === 0) return [];
  const chosen = spread(slots, sampledLayers);
  const origins = await Promise.all(
    chosen.map(({ tensors }) => sample(checkpoints.base, tensors.base, signal)),
  );
  const findings: Finding[] = [];
  for (const role of roles) {
    // An adapter is of its base, or would not have fitted it; sampling it would mean making whole tensors.
    if (checkpoints[role].adapted) continue;
    const sampled = await Promise.all(
      chosen.map(async ({ tensors }, i): Promise<Kinship> => {
        const [own, origin] = [
          await sample(checkpoints[role], tensors[role], signal),
          origins[i] ?? new Float32Array(0),
        ];
        return {
          tensor: tensors[role],
          correlation: correlation(own, origin),
          identical: own.every((value, j) => value === origin[j]),
        };
      }),
    );
    findings.push(...judge(role, checkpoints[role].label, checkpoints.base.label, sampled));
  }
  return findings;
}

const names = { lrm: 'reasoning model', vlm: 'VLM' } as const;

function judge(role: 'lrm' | 'vlm', label: string, base: string, sampled: readonly Kinship[]): Finding[] {
  const known = sampled.filter(({ correlation }) => Number.isFinite(correlation));
  if (known.length === 0) return [];
  const tensors = sampled.map(({ tensor }) => tensor);
  const values = known.map(({ correlation }) => correlation).sort((a, b) => a - b);
  const [least, middle, most] = [values[0] ?? 0, values[values.length >> 1] ?? 0, values.at(-1) ?? 0];
  const range = `${least.toFixed(3)} to ${most.toFixed(3)} in ${known.length} sampled layers`;
  if (sampled.every(({ identical }) => identical)) {
    const same = {
      code: `${role}-equals-base`,
      severity: role === 'lrm' ? 'warning' : 'info',
      tensors,
    } as const;
    const message = `In ${sampled.length} sampled layers the ${names[role]} ${label} is the same as the base ${base}.`;
    return [
      {
        ...same,
        message,
        remedy:
          role === 'lrm'
            ? 'If that holds everywhere, there is nothing to merge. Check whether one folder was chosen twice.'
            : 'The VLM kept its language model unchanged when it learnt to see. That is fine.',
      },
    ];
  }
  if (middle < related) {
    const message = `The ${names[role]} ${label} was not tuned from ${base}: their weights correlate by ${range}, where tuning leaves more than 0.9.`;
    return [
      {
        code: `${role}-not-from-base`,
        severity: 'error',
        tensors,
        message,
        remedy:
          role === 'lrm'
            ? 'The difference between the reasoning model and this base is noise to the VLM. Choose the base that it was tuned from.'
            : 'What the reasoning model learnt does not fit the weights of this VLM. Choose a VLM built on this base.',
      },
    ];
  }
  const message = `The ${names[role]} was tuned from this base: their weights correlate by ${range}.`;
  return [{ code: `${role}-from-base`, severity: 'info', tensors, message, remedy: 'Nothing to do.' }];
}

/**
 * About `count` slots at even distances, so that all depths and, the distance being odd to seven, several
 * kinds of layer are among them.
 */
function spread<T>(slots: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(slots.length / count));
  return slots.filter((_, i) => i % step === Math.floor(step / 2)).slice(0, count);
}

/** Numbers from the middle of a tensor. */
async function sample(checkpoint: Checkpoint, name: string, signal: AbortSignal): Promise<Float32Array> {
  const entry = checkpoint.tensors.get(name);
  if (!entry || !isFloatDtype(entry.dtype)) return new Float32Array(0);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const wanted = Math.min(count, sampledElements);
  const begin = Math.floor((count - wanted) / 2);
  const size = dtypeBytes[entry.dtype];
  return decodeFloat32(
    entry.dtype,
    await checkpoint.readRange(name, begin * size, (begin + wanted) * size, signal),
  );
}

/** Pearson's r, in float64. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const n = Math.min(a.length, b.length);
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i] as number;
    sumB += b[i] as number;
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [together, ownA, ownB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB];
    together += x * y;
    ownA += x * x;
    ownB += y * y;
  }
  return together / Math.sqrt(ownA * ownB);
}
