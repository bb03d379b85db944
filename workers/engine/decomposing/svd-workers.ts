/** The workers that an engine decomposes with, and when the device does their matrix products. */
import type { BackendReport } from '../../../protocol/engine.ts';
import { tfjsVisits } from '../../kernels/svdgpu/device.ts';
import type { SvdWorkers } from './decompose.ts';
import type { EngineDeps } from '../engine-deps.ts';

/**
 * @param connected the device that was started, null before
 * @param onDevice runs a body while nobody else uses the device
 */
export function svdWorkers(
  deps: Pick<EngineDeps, 'spawnSvdWorker' | 'svdWorkers' | 'svdOnDevice'>,
  connected: () => BackendReport | null,
  onDevice: <T>(body: () => Promise<T>, signal: AbortSignal) => Promise<T>,
): SvdWorkers {
  const svdOnDevice =
    deps.svdOnDevice ??
    (({ backend, softwareAdapter }: BackendReport) => backend === 'webgpu' && !softwareAdapter);
  return {
    spawn: deps.spawnSvdWorker ?? null,
    count: deps.svdWorkers ?? spareThreads(),
    device: {
      fit: () => {
        const report = connected();
        return report !== null && svdOnDevice(report);
      },
      visits(signal) {
        const visits = tfjsVisits(signal);
        return {
          gram: (matrix) => onDevice(() => visits.gram(matrix), signal),
          longSide: (matrix, eigen) => onDevice(() => visits.longSide(matrix, eigen), signal),
        };
      },
    },
  };
}

/** Threads of the hardware, less the engine's own; at least one. */
const spareThreads = (): number => Math.max(1, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1);
