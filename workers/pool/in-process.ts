/**
 * Looks like a worker and is none: it decomposes in the caller's thread, one matrix after another, with a
 * turn of the event loop in between. It is used in Node without threads, in tests, and where a worker cannot
 * start workers. Terminating it takes effect between two matrices.
 */
import { toPlainError } from '../../protocol/wire.ts';
import type { FactorCache } from '../io/contract.ts';
import { releaseSimd } from '../kernels/svd/arithmetic/simd.ts';
import type { DeviceVisits } from '../kernels/svdgpu/visits.ts';
import type { SvdReply, SvdRequest, SvdWorkerLike } from './contract.ts';
import { perform } from './perform.ts';

export function inProcessWorker(
  cache: FactorCache | null,
  device: DeviceVisits | null = null,
): SvdWorkerLike {
  let onReply: (reply: SvdReply) => void = () => undefined;
  let ended = false;
  let last: Promise<unknown> = Promise.resolve();

  const answer = async (id: number, request: SvdRequest): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (ended) return;
    const reply = await perform(request, cache, device).then(
      (outcome): SvdReply => ({ id, outcome }),
      (thrown: unknown): SvdReply => ({ id, error: toPlainError(thrown) }),
    );
    if (!ended) onReply(reply);
  };
  return {
    listen: (listener) => (onReply = listener),
    post(id, request) {
      last = last.then(() => answer(id, request));
    },
    terminate() {
      ended = true;
      void last.then(releaseSimd);
    },
  };
}
