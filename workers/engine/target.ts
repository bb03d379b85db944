/** The linear layers that a measurement or an answer is of. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { checkOption } from '../../core/objective/check-options.ts';
import type { Target } from '../../protocol/engine.ts';
import { checkCancelled } from '../distill/cancel.ts';
import { mergeSlot } from '../merge/merge-slot.ts';
import { breathe } from '../nn/breathe.ts';
import type { Linears } from '../nn/contract.ts';
import type { Weight } from '../nn/linear.ts';
import { packedLinear, staysPacked } from '../nn/packed-linear.ts';
import { requireForward, type OpenSession } from './opening/open-session.ts';

export interface TargetLinears {
  readonly linears: Linears;
  /** Frees what was made for this target; the VLM's own layers stay. */
  dispose(): void;
}

export async function targetLinears(
  session: OpenSession,
  target: Target,
  signal: AbortSignal,
): Promise<TargetLinears> {
  const forward = requireForward(session);
  const text = await forward.text(signal);
  if (target.kind === 'vlm') return { linears: text.linears, dispose: () => undefined };
  const gates = targetGates(session, target.gates);
  checkOption('lambda', target.lambda);
  const factors = await forward.factors(signal);
  const linears = new Map(text.linears);
  const made: Weight[] = [];
  const dispose = () => made.forEach((weight) => weight.dispose());
  try {
    for (const [i, slot] of factors.slots.entries()) {
      const { id, rows, columns } = slot.factors;
      const own = text.linears.get(id);
      const entry = session.checkpoints.vlm.tensors.get(session.facts.slots[i]?.tensors.vlm ?? '');
      if (!own || !entry)
        throw new StudioError('internal', `The VLM has no layer ${id}.`, { details: { tensor: id } });
      const rounded = await mergeSlot(own, slot, gates, target.lambda, entry);
      if (rounded) {
        // What was rounded to 16 bits takes no more on the device than the VLM's own.
        const weight = staysPacked(entry.dtype)
          ? packedLinear(entry.dtype, rounded.bytes, [rows, columns])
          : tf.tensor2d(rounded.values, [rows, columns]);
        made.push(weight);
        linears.set(id, weight);
      }
      await breathe(signal);
      checkCancelled(signal);
    }
  } catch (thrown) {
    dispose();
    throw thrown;
  }
  return { linears, dispose };
}

/** The gates that a merged target means, one for each of the layout. */
export function targetGates({ live, facts }: OpenSession, asked: Float32Array | number | null): Float32Array {
  const gates =
    asked === null
      ? live.values.slice()
      : typeof asked === 'number'
        ? new Float32Array(facts.layout.size).fill(asked)
        : asked;
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
