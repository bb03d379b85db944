import { buildSafetensors } from '../../core/safetensors/write.ts';
import { askOptions, readAsk, withModel } from '../ask.ts';
import type { Command } from '../command.ts';
import { writeResult } from '../outputs.ts';

export const logits: Command = {
  name: 'logits',
  about:
    'Writes the logits at every position of a prompt: `logits` float32 [1, tokens, vocabulary] and `input_ids` int64 [1, tokens].',
  options: {
    ...askOptions,
    out: { value: 'FILE', writes: 'file', required: true, about: 'a safetensors file, a new one' },
  },
  async run(given, context) {
    const { signal } = context;
    const out = given.required('out');
    const ask = await readAsk(given);
    const { ids, vocabulary, values, findings } = await withModel(given, context, (model) =>
      model.logits(ask, signal),
    );
    context.onFindings(findings);
    const bytes = buildSafetensors(
      [
        {
          name: 'input_ids',
          dtype: 'I64',
          shape: [1, ids.length],
          bytes: new Uint8Array(BigInt64Array.from(ids, BigInt).buffer),
        },
        {
          name: 'logits',
          dtype: 'F32',
          shape: [1, ids.length, vocabulary],
          bytes: new Uint8Array(values.buffer),
        },
      ],
      new Map(),
    );
    await writeResult(out, bytes);
    return {
      json: { out, tokens: ids.length, vocabulary },
      text: `${out}: ${ids.length} tokens × ${vocabulary}`,
    };
  },
};
