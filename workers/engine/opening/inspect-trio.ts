/**
 * Looks at a trio before it is opened: how its models pair, from headers alone, and the spectrum of one
 * layer, from the weights of that layer alone.
 */
import { StudioError } from '../../../core/errors.ts';
import type { OpenEvent, Progress } from '../../../protocol/events.ts';
import type { SlotSpectrum, TrioPreview, TrioSource } from '../../../protocol/session.ts';
import { decompose } from '../decomposing/decompose.ts';
import { memoryFacts, previewSample } from './memory-facts.ts';
import type { OpenParts } from './open-trio.ts';
import { expectWeights, readTrio } from './read-trio.ts';

export async function inspectTrio(
  source: TrioSource,
  { workers, ...places }: Omit<OpenParts, 'cache'>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<TrioPreview> {
  const { models, report, slots, checkpoints, specs } = await readTrio(source, places, onProgress, signal);
  const memory = memoryFacts(
    { checkpoints, specs, slots, workers: workers.spawn ? workers.count : 1 },
    await previewSample(checkpoints, specs, signal),
  );
  return { models, pairing: report, slots, memory };
}

export async function layerSpectrum(
  source: TrioSource,
  index: number,
  { cache, workers, ...places }: OpenParts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<SlotSpectrum> {
  const { slots, checkpoints } = await readTrio(source, places, onProgress, signal);
  const slot = slots[index];
  if (!slot)
    throw new StudioError(
      'bad-request',
      `These models have ${slots.length} layers to merge; there is no layer ${index}.`,
      { details: { value: index } },
    );
  expectWeights(source, checkpoints, [slot], places);
  const found: SlotSpectrum[] = [];
  const onEvent = (event: OpenEvent): void => {
    if (event.type === 'progress') onProgress(event.progress);
    else if (event.type === 'spectrum' && event.spectrum.exact) found.push(event.spectrum);
  };
  const store = await decompose({
    checkpoints,
    slots: [slot],
    cache: await cache,
    workers: { ...workers, count: 1 },
    onEvent,
    signal,
  });
  store.dispose();
  const [spectrum] = found;
  if (!spectrum)
    throw new StudioError('internal', `The layer ${slot.id} was decomposed without a result.`, {
      details: { tensor: slot.tensors.lrm },
    });
  return { ...spectrum, slot: index };
}
