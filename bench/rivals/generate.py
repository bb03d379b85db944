"""PyTorch's greedy generation: transformers' own `generate` with its key-value cache, float32, on the demo's VLM.

The calibration set's first `rows` images and questions, batched with left padding as the studio does it; an answer ends at <eos> or after 22 tokens.
Image features are made beforehand on both sides.

    method "run"       {"n": 3, "rows": 64} -> {"ms": [...], "cpuMs": [...]} of n whole generations
    method "generate"  {"times": 1, "rows": 64} -> {"ms": ..., "cpuMs": ...}, the mean
    method "answers"   {"rows": 64} -> ids of each answer without <eos>
"""

import sys
from pathlib import Path

from serve import need, serve, timed

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

torch, transformers, _ = need("torch", "transformers", "PIL.Image")

from step import tiles  # noqa: E402
from zoo.calibrate import Eye  # noqa: E402
from zoo.models import load_checkpoint  # noqa: E402
from zoo.vocab import EOS_ID, PAD_ID  # noqa: E402

MAX_TOKENS = 22
DEMO = ROOT / "public" / "models" / "demo"


class Answers:
    def __init__(self) -> None:
        eye = Eye(load_checkpoint(DEMO / "vlm"))
        self.language = eye.language
        images, prompts = tiles(DEMO, "calibration")
        self.prompts = eye.prompts(images, prompts)

    @torch.no_grad()
    def generate(self, rows: int) -> list[list[int]]:
        chosen = self.prompts[:rows]
        longest = max(len(prompt) for prompt in chosen)
        embeds = torch.zeros(rows, longest, chosen[0].shape[1])
        mask = torch.zeros(rows, longest, dtype=torch.long)
        for row, prompt in enumerate(chosen):
            embeds[row, longest - len(prompt) :], mask[row, longest - len(prompt) :] = prompt, 1
        ids = self.language.generate(
            inputs_embeds=embeds,
            attention_mask=mask,
            max_new_tokens=MAX_TOKENS,
            do_sample=False,
            eos_token_id=EOS_ID,
            pad_token_id=PAD_ID,
        )
        return [row[: row.index(EOS_ID)] if EOS_ID in row else row for row in ids.tolist()]


def main() -> None:
    torch.set_num_threads(1)
    answers = Answers()

    def runs(n: int, rows: int = 64) -> dict[str, list[float]]:
        times = [timed(lambda: answers.generate(rows)) for _ in range(n)]
        return {"ms": [t["ms"] for t in times], "cpuMs": [t["cpuMs"] for t in times]}

    label = f"PyTorch {torch.__version__}, transformers {transformers.__version__} generate, {torch.get_num_threads()} thread"
    serve(
        label,
        run=runs,
        generate=lambda times=1, rows=64: timed(lambda: answers.generate(rows), times),
        answers=lambda rows=64: answers.generate(rows),
    )


if __name__ == "__main__":
    main()
