/** Long calls by id, so that each can be cancelled. */
import { StudioError } from '../../src/core/errors.ts';
import type { JobId } from '../../src/protocol/engine.ts';

export class Jobs {
  readonly #running = new Map<JobId, AbortController>();

  async run<T>(job: JobId, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.has(job)) throw new StudioError('busy', `The job ${job} is running already.`);
    const controller = new AbortController();
    this.#running.set(job, controller);
    try {
      return await body(controller.signal);
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
    this.#running.get(job)?.abort(new StudioError('cancelled', 'Stopped.'));
  }
}
