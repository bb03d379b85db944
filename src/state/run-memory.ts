/**
 * What a run of the open trio will hold, under the options that are set: for whatever says so on the screen.
 */
import { everything } from '../../core/family/selection.ts';
import { memoryOutlook, type MemoryOutlook } from '../../core/memory/verdict.ts';
import type { DeviceCapacity } from '../../core/memory/facts.ts';
import type { DistillOptions, Session } from '../../protocol/session.ts';
import type { StudioState } from './types.ts';

type Inputs = readonly [Session, DeviceCapacity, number, boolean, boolean, number | null];

/** The same object as long as nothing that it depends on has changed. Null without a session or a device. */
export function createOutlook(): (
  state: Pick<StudioState, 'session' | 'backend' | 'options'>,
) => MemoryOutlook | null {
  let last: { readonly inputs: Inputs; readonly outlook: MemoryOutlook } | null = null;
  return ({ session, backend, options }) => {
    if (!session || !backend) return null;
    const inputs = inputsOf(session, backend.capacity, options);
    if (last?.inputs.every((value, i) => value === inputs[i])) return last.outlook;
    const [, device, batchSize, trace, composed, teacherTopK] = inputs;
    const outlook = memoryOutlook(
      session.memory,
      device,
      session.slots,
      { budget: session.layout.budget, batchSize, trace, composed, teacherTopK },
      everything,
    );
    last = { inputs, outlook };
    return outlook;
  };
}

const inputsOf = (
  session: Session,
  device: DeviceCapacity,
  { batchSize, beta, gamma, teacherTopK }: DistillOptions,
): Inputs => [session, device, batchSize, beta > 0, gamma > 0, teacherTopK];

export const runOutlook = createOutlook();
