/** What of the store outlives the page: each slice says it in one part, and `parts.ts` lists the parts. */
import type { GenericSchema } from 'valibot';
import type { SliceContext } from '../context.ts';
import type { GateKeeper } from '../gates-slice.ts';
import type { FigureKeeping } from '../kept-figures.ts';
import type { RunKeeping } from '../run-slice.ts';
import type { StudioState } from '../types.ts';

/** What a part may use to put things back. */
export interface RestoreHands {
  readonly context: SliceContext;
  readonly keeper: GateKeeper;
  readonly goOn: RunKeeping['goOn'];
  readonly figures: FigureKeeping;
}

export interface KeptPart<T> {
  /** What was kept, checked: it comes from a browser's storage or out of a stranger's file. */
  readonly shape: GenericSchema<unknown, T>;
  /** Plain data, typed arrays and files. Called within every second of work: it copies nothing. */
  keep(state: StudioState): T;
  /**
   * Why it cannot belong to the models that are open, as a sentence, or null. Asked of every part before anything is
   * put back.
   */
  misfit?(kept: T, state: StudioState): string | null;
  /** Puts it back, once the models are open. Parts are put back in the order of the list. */
  restore(kept: T, hands: RestoreHands): void | Promise<void>;
}

/** Types a part where it stands. */
export const part = <T>(made: KeptPart<T>): KeptPart<T> => made;
