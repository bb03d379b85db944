/** What the state of a run means for everything else. */
import type { DistillOptions } from '../../core/objective/options.ts';
import type { StudioState } from './types.ts';

/** A run has begun and has not ended; it may be paused. */
export const isRunActive = ({ state }: StudioState['run']): boolean =>
  state === 'preparing' || state === 'running' || state === 'paused';

/** A run is computing at this moment. */
export const isRunBusy = ({ state }: StudioState['run']): boolean =>
  state === 'preparing' || state === 'running';

export const isSecondTeacherOn = ({ beta, gamma }: DistillOptions): boolean => beta > 0 || gamma > 0;
