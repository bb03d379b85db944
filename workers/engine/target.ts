/** The linear layers of the model that is measured or asked. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { chosenStream, type MethodChoice } from '../../core/merging/choose.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import type { Dtype } from '../../core/safetensors/dtype.ts';
import { checkOption } from '../../core/objective/check-options.ts';
import type { TargetGates } from '../../protocol/asking.ts';
import type { Target } from '../../protocol/engine.ts';
import { checkCancelled } from '../distill/cancel.ts';
import type { TensorEntry } from '../io/contract.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import { requireFinite } from '../merge/finite.ts';
import { mergeSlot } from '../merge/merge-slot.ts';
import type { Rounded } from '../merge/round.ts';
import { namedTensors } from '../merge/sources.ts';
import { mergeTensor } from '../merge/stream.ts';
import { breathe } from '../nn/breathe.ts';
import type { Linears } from '../nn/contract.ts';
import { asMerged, type NamedModel } from '../nn/finite-logits.ts';
import type { Weight } from '../nn/linear.ts';
import { packedLinear, staysPacked } from '../nn/packed-linear.ts';
import { requireForward, type OpenSession } from './opening/open-session.ts';

export interface TargetLinears {
  readonly linears: Linears;
  /** What messages call the model with them. */
  readonly named: NamedModel;
  /** Frees what was made for this target; the VLM's own layers stay. */
  dispose(): void;
}

/** @param onMerged called with the number of matrices merged so far */
export async function targetLinears(
  session: OpenSession,
  target: Target,
  signal: AbortSignal,
  onMerged: (done: number) => void = () => undefined,
): Promise<TargetLinears> {
  const forward = requireForward(session);
  const text = await forward.text(signal);
  if (target.kind === 'vlm')
    return { linears: text.linears, named: forward.plan.vlm.named, dispose: () => undefined };
  const mergedAt =
    target.kind === 'method'
      ? mergerByMethod(session, target.method, signal)
      : mergerByGates(session, target, text.linears, await forward.factors(signal));
  const linears = new Map(text.linears);
  const made: Weight[] = [];
  const dispose = () => made.forEach((weight) => weight.dispose());
  try {
    for (const [i, { id, shape, tensors }] of session.facts.slots.entries()) {
      const entry = session.checkpoints.vlm.tensors.get(tensors.vlm);
      if (!entry || !linears.has(id))
        throw new StudioError('internal', `The VLM has no layer ${id}.`, { details: { tensor: id } });
      const merged = await mergedAt(i, entry);
      if (merged) {
        // What was rounded to 16 bits takes no more on the device than the VLM's own.
        const weight = staysPacked(entry.dtype)
          ? packedLinear(entry.dtype, merged.bytes, shape)
          : tf.tensor2d(merged.values, [...shape]);
        made.push(weight);
        linears.set(id, weight);
      }
      onMerged(i + 1);
      await breathe(signal);
      checkCancelled(signal);
    }
  } catch (thrown) {
    dispose();
    throw thrown;
  }
  return { linears, named: asMerged, dispose };
}

/** One merged matrix as it is stored; null where it stays the VLM's, bit for bit. */
type Merger = (index: number, entry: TensorEntry) => Promise<Rounded | null>;

function mergerByGates(
  session: OpenSession,
  { lambda, gates: asked }: Extract<Target, { kind: 'merged' }>,
  own: Linears,
  factors: DeviceFactors,
): Merger {
  const gates = targetGates(session, asked);
  checkOption('lambda', lambda);
  return async (index, entry) => {
    const slot = factors.slots[index];
    const linear = slot && own.get(slot.factors.id);
    if (!slot || !linear) return null;
    try {
      return await mergeSlot(linear, slot, gates, lambda, entry);
    } catch (thrown) {
      // The cause, where it is the VLM's own weights.
      await requireFinite('vlm', { checkpoint: session.checkpoints.vlm, tensor: entry.name });
      throw thrown;
    }
  };
}

/** One matrix of the three files is in memory at a time; no factors are needed. */
function mergerByMethod(
  { checkpoints, facts }: OpenSession,
  choice: MethodChoice,
  signal: AbortSignal,
): Merger {
  const { method, settings } = chosenStream(choice);
  if (method.stream.isNothing?.(settings)) return async () => null;
  return async (index, { dtype }) => {
    const tensors = facts.slots[index]?.tensors;
    if (!tensors) return null;
    const bytes = await mergeTensor(method, settings, namedTensors(checkpoints, tensors), signal);
    return { bytes, values: decodeFloat32(dtype as Dtype, bytes) };
  };
}

/** The gates that are asked for, one for each of the layout. */
export function targetGates({ facts }: Pick<OpenSession, 'facts'>, asked: TargetGates): Float32Array {
  const gates = typeof asked === 'number' ? new Float32Array(facts.layout.size).fill(asked) : asked;
  if (gates.length !== facts.layout.size)
    throw new StudioError(
      'bad-request',
      `${gates.length} gates were given; this session has ${facts.layout.size}.`,
      { details: { value: gates.length } },
    );
  const bad = gates.findIndex((gate) => !(gate >= 0 && gate < Infinity));
  if (bad >= 0)
    throw new StudioError('bad-request', `Gate ${bad} is ${gates[bad]}; gates are finite and not negative.`, {
      details: { value: String(gates[bad]) },
    });
  return gates;
}
