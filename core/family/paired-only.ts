/**
 * Architectures that can be paired, decomposed, merged and exported by their tensor names, but not run: why
 * (null where there is no more to say than that the studio does not know them), and where transformers has
 * their language model.
 */
interface PairedOnly {
  /** For people; null for a pattern that stands for several. */
  readonly name: string | null;
  readonly architecture: RegExp;
  readonly reason: string | null;
  readonly textModule: 'model.language_model';
}

const rows: readonly PairedOnly[] = [
  {
    name: 'Qwen3-VL',
    architecture: /^Qwen3VLForConditionalGeneration$/,
    reason:
      'its vision tower feeds several layers of the language model (DeepStack), which numbers positions in three interleaved rows (M-RoPE); neither is computed here',
    textModule: 'model.language_model',
  },
  {
    name: null,
    architecture: /^(?:Llava|InternVL|Qwen\d+(?:_\d+)?_?VL|Gemma3|Mistral3).*ForConditionalGeneration$/,
    reason: null,
    textModule: 'model.language_model',
  },
];

export const pairedOnlyNames: readonly string[] = rows.flatMap(({ name }) => name ?? []);

export function pairedOnly(architecture: string): PairedOnly | null {
  return rows.find((row) => row.architecture.test(architecture)) ?? null;
}
