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
  if (origin === null) return [];
  const findings: Finding[] = [];
  for (const role of compared) {
    const model = role === 'vlm' ? vlm : lrm;
    const text = await model.readText(file, signal);
    // Most are copies, and a copy need not be parsed.
    if (text === null || text === origin) continue;
    try {
      const [ofBase, own] = [base, model].map((one) =>
        vocabularyOf(JsonField.parse(one === base ? origin : text, `${file} of ${one.label}`).raw),
      );
      if (ofBase && own)
        findings.push(...compareVocabularies(role, { base: base.label, model: model.label }, ofBase, own));
    } catch (thrown) {
      if (!(thrown instanceof StudioError)) throw thrown;
      findings.push({
        code: `${role}-vocabulary-not-compared`,
        severity: 'warning',
        tensors: [],
        message: `The vocabularies of ${model.label} and ${base.label} were not compared: ${thrown.message}`,
        remedy: 'Download the tokenizer again, so that the ids of both models can be compared.',
      });
    }
  }
  return findings;
}
