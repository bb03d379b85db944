/**
 * Keeps long calls by their ids, so that each can be cancelled. A call that looks at its pause switch can be
 * suspended too.
 */
import { StudioError } from '../../core/errors.ts';
import type { JobId } from '../../protocol/engine.ts';
import { PauseSwitch } from '../pool/pause-switch.ts';

export class Jobs {
  readonly #running = new Map<JobId, { readonly controller: AbortController; readonly pause: PauseSwitch }>();

  async run<T>(job: JobId, body: (signal: AbortSignal, pause: PauseSwitch) => Promise<T>): Promise<T> {
    if (this.#running.has(job)) throw new StudioError('busy', `The job ${job} is running already.`);
    const controller = new AbortController();
    const pause = new PauseSwitch();
    this.#running.set(job, { controller, pause });
    try {
      return await body(controller.signal, pause);
    } catch (thrown) {
      // Whatever an interrupted read or kernel throws: the person stopped it.
      if (controller.signal.aborted) throw new StudioError('cancelled', 'Stopped.', { cause: thrown });
      throw thrown;
    } finally {
      this.#running.delete(job);
    }
  }

  /** An unknown id is no error: the job may just have ended. */
  cancel(job: JobId): void {
    this.#running.get(job)?.controller.abort(new StudioError('cancelled', 'Stopped.'));
  }

  /** An unknown id is no error here either. */
  suspend(job: JobId, suspended: boolean): void {
    this.#running.get(job)?.pause.set(suspended);
  }
}
