/** Whether the tokenizers of VLM and reasoning model are the base's. */
import { StudioError } from '../../../core/errors.ts';
import { compareVocabularies, vocabularyOf } from '../../../core/family/compare-vocabularies.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { JsonField } from '../../../core/json-field.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { PerRole } from '../roles.ts';

const file = 'tokenizer.json';

/** @param compared models whose tokenizers, files of megabytes, lie at hand with the base's */
export async function findVocabularies(
  { base, vlm, lrm }: PerRole<Checkpoint>,
  compared: readonly ('lrm' | 'vlm')[],
  signal: AbortSignal,
): Promise<Finding[]> {
  if (compared.length === 0) return [];
  const origin = await base.readText(file, signal);
  const findings: Finding[] = [];
  const notCompared = (
    role: 'lrm' | 'vlm',
    severity: Finding['severity'],
    why: string,
    remedy: string,
  ): void =>
    void findings.push({
      code: `${role}-vocabulary-not-compared`,
      severity,
      tensors: [],
      message: `The vocabularies of ${(role === 'vlm' ? vlm : lrm).label} and ${base.label} were not compared: ${why}`,
      remedy,
    });
  for (const role of compared) {
    const model = role === 'vlm' ? vlm : lrm;
    const text = await model.readText(file, signal);
    const lacking = [base, model].filter((one) => (one === base ? origin : text) === null);
    if (origin === null || text === null) {
      notCompared(
        role,
        'info',
        `${lacking.map(({ label }) => label).join(' and ')} ${lacking.length > 1 ? 'have' : 'has'} no ${file}.`,
        'Weights pair by their names, so tokens must have the same ids in both. Put the tokenizer into the folder to have that compared.',
      );
      continue;
    }
    // Most are copies, and a copy need not be parsed.
    if (text === origin) continue;
    try {
      const [ofBase, own] = [base, model].map((one) =>
        vocabularyOf(JsonField.parse(one === base ? origin : text, `${file} of ${one.label}`).raw),
      );
      if (ofBase && own)
        findings.push(...compareVocabularies(role, { base: base.label, model: model.label }, ofBase, own));
    } catch (thrown) {
      if (!(thrown instanceof StudioError)) throw thrown;
      notCompared(
        role,
        'warning',
        thrown.message,
        'Download the tokenizer again, so that the ids of both models can be compared.',
      );
    }
  }
  return findings;
}
