"""Merges a tiny model of every family with the studio's command line and opens the results with transformers and peft.

    python -m zoo.check_families

For each model under zoo/reference/vlm: its language model becomes a base (minus noise) and a reasoning model (plus other noise); `frism merge` and
`frism export --format adapter` put them together; transformers loads the merged folder, peft the adapter, and their logits for a prompt with an
image must be those of `frism logits`, to 1e-3 of the largest. Needs zoo/requirements.txt, peft, torchvision and num2words. Prints what it saw, exits 1 on any mismatch.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import peft
import torch
import transformers
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoProcessor

root = Path(__file__).parent.parent
CAUSAL = {
    "llama": "LlamaForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "qwen2_vl_text": "Qwen2ForCausalLM",
    "qwen2_5_vl_text": "Qwen2ForCausalLM",
}
PREFIXES = (
    "model.language_model.model.",
    "model.language_model.",
    "language_model.model.",
    "model.text_model.",
    "model.",
)
TOLERANCE = 1e-3


def frism(*words: str) -> dict:
    done = subprocess.run(
        ["node", root / "scripts" / "frism.mjs", *map(str, words), "--json", "--quiet"],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"frism {' '.join(map(str, words))} failed: {done.stderr}")
    return json.loads(done.stdout)


def text_models(vlm: Path, out: Path) -> None:
    """A base and a reasoning model of the VLM's language model: its tensors under a text model's names."""
    config = json.loads((vlm / "config.json").read_text())
    text = config["text_config"]
    weights = {name: value for file in vlm.glob("*.safetensors") for name, value in load_file(file).items()}
    prefix = next(p for p in PREFIXES if any(name.startswith(f"{p}layers.") for name in weights))
    own = {
        f"model.{name[len(prefix) :]}": value for name, value in weights.items() if name.startswith(prefix)
    }
    generator = torch.Generator().manual_seed(5)
    for role, sign in (("base", -1), ("lrm", 1)):
        folder = out / role
        folder.mkdir(parents=True)
        noisy = {
            n: (v.float() + sign * 0.1 * v.float().std() * torch.randn(v.shape, generator=generator)).to(
                v.dtype
            )
            if v.ndim == 2
            else v
            for n, v in own.items()
        }
        save_file(
            {n: v.contiguous() for n, v in noisy.items()},
            folder / "model.safetensors",
            metadata={"format": "pt"},
        )
        (folder / "config.json").write_text(
            json.dumps({**text, "architectures": [CAUSAL[text["model_type"]]], "tie_word_embeddings": True})
        )
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(vlm / file, folder / file)


@torch.no_grad()
def logits_of(model, processor, prompt: str, image: Image.Image) -> tuple[np.ndarray, list[int]]:
    messages = [
        {"role": "user", "content": [{"type": "image", "image": image}, {"type": "text", "text": prompt}]}
    ]
    inputs = processor.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
    return model(**inputs).logits[0].double().numpy(), inputs["input_ids"][0].tolist()


def compare(what: str, folder: Path, model, processor, prompt: str, image_file: Path, words: list) -> bool:
    out = folder.parent / f"{folder.name}.logits.safetensors"
    frism("logits", *words, "--prompt", prompt, "--image", image_file, "--out", out)
    with safe_open(out, "np") as file:
        ours, ids = file.get_tensor("logits")[0].astype(np.float64), file.get_tensor("input_ids")[0].tolist()
    theirs, expected = logits_of(model, processor, prompt, Image.open(image_file).convert("RGB"))
    error = (
        float(np.abs(ours - theirs).max() / np.abs(theirs).max())
        if ours.shape == theirs.shape
        else float("inf")
    )
    good = ids == expected and error <= TOLERANCE
    print(
        f"  {'ok' if good else 'MISMATCH'}  {what}: {len(ids)} ids {'equal' if ids == expected else 'DIFFER'}, logits off by {error:.1e}"
    )
    return good


def check(vlm: Path, scratch: Path, image_file: Path) -> bool:
    print(vlm.name)
    trio = scratch / vlm.name
    text_models(vlm, trio)
    words = ["--base", trio / "base", "--vlm", vlm, "--lrm", trio / "lrm"]
    merged = frism("merge", *words, "--set", "lambda=0.5", "--out", trio / "merged")
    adapter = frism("export", *words, "--set", "lambda=0.5", "--format", "adapter", "--out", trio / "adapter")
    print(
        f"  {merged['changed']} tensors merged, {merged['untouched']} untouched; adapter with {adapter['changed']} pairs"
    )
    processor = AutoProcessor.from_pretrained(trio / "merged")
    # The studio resizes as Pillow does; transformers' other backend, the default where torchvision is installed, gives other pixels.
    processor.image_processor = AutoImageProcessor.from_pretrained(trio / "merged", backend="pil")
    load = lambda folder: AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()  # noqa: E731
    good = compare(
        "merged folder, transformers",
        trio / "merged",
        load(trio / "merged"),
        processor,
        "what is it",
        image_file,
        ["--model", trio / "merged"],
    )
    adapted = peft.PeftModel.from_pretrained(load(vlm), trio / "adapter").eval()
    taken = sum("lora_" in name for name, _ in adapted.named_parameters())
    if taken != 2 * adapter["changed"]:
        print(f"  MISMATCH  peft took {taken} of {2 * adapter['changed']} factors")
        return False
    return good & compare(
        "adapter, peft",
        trio / "adapter",
        adapted,
        processor,
        "what is it",
        image_file,
        ["--model", trio / "adapter", "--base", vlm],
    )


def main() -> None:
    print(f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}")
    pixels = np.random.default_rng(3).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        image_file = scratch / "image.png"
        Image.fromarray(pixels).save(image_file)
        families = sorted(path.parent for path in (root / "zoo" / "reference" / "vlm").glob("*/config.json"))
        results = [check(vlm, scratch, image_file) for vlm in families]
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
