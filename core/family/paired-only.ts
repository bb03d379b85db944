/**
 * Architectures that can be paired, decomposed, merged and exported by their tensor names, but not run: why
 * (null where there is no more to say than that the studio does not know them), and where transformers has
 * their language model.
 */
interface PairedOnly {
  readonly architecture: RegExp;
  readonly reason: string | null;
  readonly textModule: 'model.language_model';
}

const dynamicTower = 'its vision tower works on images of any size by';
const threeRows = 'its language model numbers positions in three rows (M-RoPE); neither is computed here';

const rows: readonly PairedOnly[] = [
  {
    architecture: /^Qwen2VLForConditionalGeneration$/,
    reason: `${dynamicTower} two-dimensional rotary positions, and ${threeRows}`,
    textModule: 'model.language_model',
  },
  {
    architecture: /^Qwen2_5_VLForConditionalGeneration$/,
    reason: `${dynamicTower} windows and two-dimensional rotary positions, and ${threeRows}`,
    textModule: 'model.language_model',
  },
  {
    architecture: /^Qwen3VLForConditionalGeneration$/,
    reason:
      'its vision tower feeds several layers of the language model (DeepStack), which numbers positions in three interleaved rows (M-RoPE); neither is computed here',
    textModule: 'model.language_model',
  },
  {
    architecture: /^(?:Llava|InternVL|Qwen\d+(?:_\d+)?_?VL|Gemma3|Mistral3).*ForConditionalGeneration$/,
    reason: null,
    textModule: 'model.language_model',
  },
];

export function pairedOnly(architecture: string): PairedOnly | null {
  return rows.find((row) => row.architecture.test(architecture)) ?? null;
}
