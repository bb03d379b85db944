/** The eyes of a vision-language model, whatever its family: loaded, and given back as a whole. */
import type { VisionLanguageSpec } from '../../core/family/families.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { VisionModel } from './contract.ts';
import { deviceFamily } from './families/registry.ts';
import { TensorLoader } from './tensor-loader.ts';

/** On failure or abort nothing stays on the device. */
export async function loadVision(
  checkpoint: Checkpoint,
  spec: VisionLanguageSpec,
  signal?: AbortSignal,
): Promise<VisionModel> {
  const loader = new TensorLoader(checkpoint, signal);
  try {
    const eyes = await deviceFamily(spec).loadEyes(loader, spec);
    return { ...eyes, dispose: () => loader.disposeAll() };
  } catch (thrown) {
    loader.disposeAll();
    throw thrown;
  }
}
