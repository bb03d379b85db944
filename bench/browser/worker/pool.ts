/**
 * Decomposing a trio's layers as the studio does when models are opened, with as many workers as are asked
 * for.
 */
import { decompose } from '../../../workers/engine/decomposing/decompose.ts';
import { readTrio } from '../../../workers/engine/opening/read-trio.ts';
import { openOpfsFactorCache } from '../../../workers/io/cache/opfs-factor-cache.ts';
import { kernelVersion } from '../../../workers/kernels/svd/svd.ts';
import { webSvdWorker } from '../../../workers/pool/web-worker.ts';
import type { TrioTasks } from '../api.ts';

const spawn = () =>
  webSvdWorker(
    new Worker(new URL('../../../workers/svd.worker.ts', import.meta.url), { type: 'module', name: 'svd' }),
  );

export function poolTasks(): TrioTasks {
  return {
    async decomposeTrio({ trio, workers, kinds, matrices, order }) {
      const { signal } = new AbortController();
      const begun = performance.now();
      const { checkpoints, slots } = await readTrio(
        { kind: 'folders', ...trio },
        { openManifest: () => Promise.reject(new Error('no manifest')) as never } as never,
        () => undefined,
        signal,
      );
      const chosen = (kinds ? slots.filter(({ kind }) => kinds.includes(kind)) : slots).slice(
        0,
        matrices ?? slots.length,
      );
      const cache = await openOpfsFactorCache({ version: kernelVersion });
      if (!cache) throw new Error('This browser has no private file system.');
      const found = {
        firstMs: 0,
        lookedMs: 0,
        previews: 0,
        exactMs: [] as number[],
        cached: 0,
        etaMs: [] as (readonly [number, number])[],
      };
      const remote = order === 'once';
      const store = await decompose({
        checkpoints: remote ? { ...checkpoints, base: { ...checkpoints.base, remote } } : checkpoints,
        slots: chosen,
        cache,
        workers: { spawn, count: workers },
        onEvent: (event) => {
          const atMs = performance.now() - begun;
          if (event.type === 'progress' && event.progress.etaMs !== null)
            found.etaMs.push([Math.round(atMs), Math.round(event.progress.etaMs)]);
          if (event.type !== 'spectrum') return;
          found.firstMs ||= atMs;
          if (!event.spectrum.exact) {
            found.previews++;
            found.lookedMs = atMs;
          } else found.exactMs.push(atMs);
          if (event.spectrum.cached) found.cached++;
        },
        signal,
      });
      const totalMs = performance.now() - begun;
      store.dispose();
      return {
        ...found,
        etaMs: found.etaMs.filter((_, i) => i % 20 === 0),
        totalMs,
        matrices: chosen.length,
      };
    },
    async forgetFactors() {
      await (
        await navigator.storage.getDirectory()
      )
        .removeEntry('factors', { recursive: true })
        .catch(() => undefined);
    },
  };
}
