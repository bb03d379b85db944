/** Pictures to try the models on, cut from the data sets as the manifest says. */
import type { ExampleImage } from '../../../protocol/session.ts';
import type { DataSet } from '../opening/data-set.ts';
import type { Manifest, SetName } from '../opening/manifest.ts';

export async function readExamples(
  manifest: Manifest,
  sets: Readonly<Record<SetName, DataSet | null>>,
  signal: AbortSignal,
): Promise<ExampleImage[]> {
  const images: ExampleImage[] = [];
  for (const { set: name, index } of manifest.examples) {
    const set = sets[name];
    if (!set || index >= set.images) continue;
    const sheet = await set.sheet(signal);
    images.push({ id: `${name}-${index}`, image: await sheet.tile(index) });
  }
  return images;
}
