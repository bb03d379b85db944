/** What an engine is given by whoever creates it: a page's worker, the command line, a test. */
import type { BackendChoice, BackendReport, ExportTarget } from '../../protocol/engine.ts';
import type { DecodeImage, FactorCache } from '../io/contract.ts';
import type { DeviceVisits } from '../kernels/svdgpu/visits.ts';
import type { SvdWorkerLike } from '../pool/contract.ts';
import type { ExportOutput } from './exporting/whole-or-nothing.ts';
import { type RemotePlaces } from './opening/reporting-downloads.ts';

export interface EngineDeps extends RemotePlaces {
  readonly startBackend: (choice: BackendChoice) => Promise<BackendReport>;
  readonly cache: FactorCache | Promise<FactorCache>;
  /**
   * Starts a worker that decomposes; it opens the cache, if that lasts, by itself. Absent or null: the
   * engine's own thread does it.
   */
  readonly spawnSvdWorker?: ((device: DeviceVisits | null) => SvdWorkerLike) | null;
  /**
   * Workers that may run at once; by default one, and the hardware's threads less the engine's own where they
   * are known.
   */
  readonly svdWorkers?: number;
  /** Whether the device does the matrix products of decompositions; by default a graphics processor does. */
  readonly svdOnDevice?: (report: BackendReport) => boolean;
  /** Pixels of an image file, or why there are none (`bad-file`). Absent where there is no decoder. */
  readonly decodeImage?: DecodeImage;
  /** Opens where an export is written; `name` is that of a new folder. */
  readonly openOutput: (target: ExportTarget, name: string) => Promise<ExportOutput>;
}
