/** An adapter on its base, with the decompositions that some beginnings of adapters ask for. */
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import type { Checkpoint, ModelFolder } from '../../io/contract.ts';
import { takeOut } from '../../kernels/svd/taken-out.ts';

export function openAdapterOn(
  folder: ModelFolder,
  base: Checkpoint,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  return openAdapter(folder, base, signal, takeOut);
}
