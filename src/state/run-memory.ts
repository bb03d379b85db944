/**
 * What a run of the open trio will hold, under the options that are set: for whatever says so on the screen.
 */
import { everything } from '../../core/family/selection.ts';
import { forecastMemory, type MemoryForecast } from '../../core/memory/verdict.ts';
import { runChoice } from '../../core/memory/run-choice.ts';
import type { DeviceCapacity } from '../../core/memory/facts.ts';
import type { Session } from '../../protocol/session.ts';
import type { StudioState } from './types.ts';

/** The same object as long as nothing that it depends on has changed. Null without a session or a device. */
export function createRunForecast(): (
  state: Pick<StudioState, 'session' | 'backend' | 'options'>,
) => MemoryForecast | null {
  let last: {
    readonly session: Session;
    readonly device: DeviceCapacity;
    readonly choice: string;
    readonly forecast: MemoryForecast;
  } | null = null;
  return ({ session, backend, options }) => {
    if (!session || !backend) return null;
    const { capacity: device } = backend;
    const chosen = runChoice(options, session.layout.budget);
    const choice = JSON.stringify(chosen);
    if (last?.session === session && last.device === device && last.choice === choice) return last.forecast;
    const forecast = forecastMemory(session.memory, device, session.slots, chosen, everything);
    last = { session, device, choice, forecast };
    return forecast;
  };
}

export const runForecast = createRunForecast();
