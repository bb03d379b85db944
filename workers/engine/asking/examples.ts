/** Pictures to try the models on, cut from the data sets as the manifest says, with the answers that are known. */
import { StudioError } from '../../../core/errors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { ExampleImage, KnownAnswer } from '../../../protocol/session.ts';
import type { DataSet } from '../opening/data-set.ts';
import { faultOf } from '../opening/tolerated.ts';
import type { Manifest, SetName } from '../opening/manifest.ts';

/** Throws `bad-file` for an example of a set that there is not, or of an image that the set has not. */
export function checkExamples(
  { examples }: Pick<Manifest, 'examples'>,
  sets: Readonly<Record<SetName, DataSet | null>>,
): void {
  examples.forEach(({ set: name, index }, i) => {
    const images = sets[name]?.images ?? 0;
    if (index < images) return;
    const found = images === 0 ? `data names no ${name} set` : `the ${name} set has ${images} images`;
    throw new StudioError(
      'bad-file',
      `manifest.json: examples[${i}] is image ${index} of the ${name} set, and ${found}. Correct the example, or take it out.`,
      { details: { file: 'manifest.json', key: `examples[${i}]`, value: index } },
    );
  });
}

/** Of examples that `checkExamples` lets pass; a set whose images cannot be read has none, and a finding. */
export async function readExamples(
  manifest: Manifest,
  sets: Readonly<Record<SetName, DataSet | null>>,
  signal: AbortSignal,
): Promise<{ readonly examples: readonly ExampleImage[]; readonly findings: readonly Finding[] }> {
  const examples: ExampleImage[] = [];
  const faults = new Map<SetName, Finding>();
  for (const { set: name, index, text } of manifest.examples) {
    const set = sets[name];
    if (!set || faults.has(name)) continue;
    try {
      const image = await (await set.sheet(signal)).tile(index);
      const answers = knownAnswers(set, index, text, manifest);
      examples.push({ id: `${name}-${index}`, image, text, answers });
    } catch (thrown) {
      faults.set(name, {
        code: `${name}-images-fail`,
        severity: 'warning',
        tensors: [],
        message: `The images of the ${name} set cannot be read: ${faultOf(thrown)}.`,
        remedy:
          'They are not offered as examples, and what uses the set stops there. Correct the file that is named. The models can be merged and exported all the same.',
      });
    }
  }
  return { examples, findings: [...faults.values()] };
}

/** What the set's own items ask of the picture, and what is written on it for the question that reads it out. */
function knownAnswers(
  { items, scoring }: DataSet,
  index: number,
  text: string | null,
  { transcriptionPrompt }: Manifest,
): KnownAnswer[] {
  const known = items
    .filter(({ image, answer }) => image === index && answer !== '')
    .map(({ prompt, answer }): KnownAnswer => ({ prompt, answer, scoring }));
  const read = transcriptionPrompt;
  return text === null || read === null || known.some(({ prompt }) => prompt === read)
    ? known
    : [...known, { prompt: read, answer: text, scoring: 'exact' }];
}
