import { StudioError } from '../../../core/errors.ts';
import type { Checkpoint } from '../../io/contract.ts';

/** Files of tokenizers that only other programs read. */
const others = [
  ...['tokenizer.model', 'tekken.json', 'tiktoken.model', 'spiece.model', 'sentencepiece.bpe.model'],
  ...['vocab.json', 'vocab.txt'],
];

/** Why a folder without tokenizer.json reads and writes no text, and what helps. */
export async function noTokenizer(checkpoint: Checkpoint, signal?: AbortSignal): Promise<never> {
  for (const file of others) {
    // A sentencepiece model is no text; all that counts is whether it is there.
    const there = await checkpoint.readText(file, signal).then(
      (text) => text !== null,
      (thrown: unknown) => {
        if (thrown instanceof StudioError && thrown.code === 'bad-file') return true;
        throw thrown;
      },
    );
    if (there)
      throw new StudioError(
        'unsupported',
        `${checkpoint.label} has its tokenizer in ${file}, and no tokenizer.json, which is the form that is read here. Load the folder with AutoTokenizer of transformers and save it again; that writes tokenizer.json.`,
        { details: { file } },
      );
  }
  throw new StudioError(
    'missing',
    `${checkpoint.label} has no tokenizer.json, so it cannot read or write text.`,
    {
      details: { file: 'tokenizer.json' },
    },
  );
}
