/**
 * What a run of the open trio will hold, under the options that are set: for whatever says so on the screen.
 */
import { shallow } from 'zustand/shallow';
import { everything } from '../../core/family/selection.ts';
import { memoryOutlook, type MemoryOutlook } from '../../core/memory/verdict.ts';
import { runChoice, type RunChoice } from '../../core/memory/run-choice.ts';
import type { DeviceCapacity } from '../../core/memory/facts.ts';
import type { Session } from '../../protocol/session.ts';
import type { StudioState } from './types.ts';

interface Inputs extends RunChoice {
  readonly session: Session;
  readonly device: DeviceCapacity;
}

/** The same object as long as nothing that it depends on has changed. Null without a session or a device. */
export function createOutlook(): (
  state: Pick<StudioState, 'session' | 'backend' | 'options'>,
) => MemoryOutlook | null {
  let last: { readonly inputs: Inputs; readonly outlook: MemoryOutlook } | null = null;
  return ({ session, backend, options }) => {
    if (!session || !backend) return null;
    const choice = runChoice(options, session.layout.budget);
    const inputs: Inputs = { session, device: backend.capacity, ...choice };
    if (last && shallow(last.inputs, inputs)) return last.outlook;
    const outlook = memoryOutlook(session.memory, backend.capacity, session.slots, choice, everything);
    last = { inputs, outlook };
    return outlook;
  };
}

export const runOutlook = createOutlook();
