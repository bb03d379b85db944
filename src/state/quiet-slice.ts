/**
 * Compute that is not heard of while something waits for it: said after a minute, with the choice to go on
 * waiting or to stop it and open the models again. A large model on a slow machine may need that minute. And a device
 * that failed, which is started again once by itself: what fails again would fail for ever.
 */
import type { SliceContext } from './context.ts';
import { isRunBusy } from './run-state.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'quiet' | 'deviceFailures'> &
  Pick<StudioActions, 'computeQuiet' | 'keepWaiting' | 'stopAndReopen' | 'deviceFailed'>;

/** Without any sign: the thread is kept by one computation, or there is none any more. */
const signLimitMs = 60_000;
/** With signs, but without a word about what is being done. */
const wordLimitMs = 300_000;

/** Something is being computed, and its end is waited for. */
const isWaitedFor = (state: StudioState): boolean =>
  state.connection.status === 'starting' ||
  (state.load.status === 'loading' && !state.load.paused) ||
  state.preview.status === 'checking' ||
  isRunBusy(state.run) ||
  state.measuring !== null ||
  state.tryIt.status === 'answering' ||
  state.exporting.status === 'exporting' ||
  state.calibration.status === 'reading' ||
  state.recipe.status === 'checking' ||
  state.changingBudget;

/** @param restart ends the worker at once, whatever it is doing */
export function createQuietSlice({ set, get }: SliceContext, restart: () => void): Part {
  /** The limits are multiplied by it: a person has said to wait. */
  let patience = 1;
  return {
    quiet: null,
    deviceFailures: 0,
    computeQuiet({ signMs, wordMs }) {
      const silent = signMs > patience * signLimitMs;
      if (isWaitedFor(get()) && (silent || wordMs > patience * wordLimitMs))
        return set({
          quiet: silent ? { kind: 'no sign', forMs: signMs } : { kind: 'no word', forMs: wordMs },
        });
      if (signMs < signLimitMs && wordMs < signLimitMs) patience = 1;
      if (get().quiet) set({ quiet: null });
    },
    keepWaiting() {
      patience *= 2;
      set({ quiet: null });
    },
    async deviceFailed(error) {
      const deviceFailures = get().deviceFailures + 1;
      set({ deviceFailures });
      get().engineLost(error);
      if (deviceFailures > 1) return;
      const before = get().session;
      await get().reconnect();
      const { connection, session, load, keeping } = get();
      if (connection.status !== 'ready') return;
      const reopened =
        before !== null && session !== before && load.error === null && keeping.waiting === null;
      get().notify(
        'warning',
        `${error.message.replace(/ Restart compute to go on\.$/, '')} Compute was started again by itself${reopened ? ', and the models were opened again with their gates' : ''}. What was being computed has ended.`,
      );
    },
    async stopAndReopen() {
      patience = 1;
      get().engineLost({
        code: 'device',
        message: 'Compute was stopped, because it was not heard of for long.',
        retryable: true,
        details: {},
      });
      restart();
      await get().reconnect();
    },
  };
}
