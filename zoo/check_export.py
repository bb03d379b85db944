"""Checks a folder that the studio exported against stock `transformers`.

    python zoo/check_export.py EXPORT [--base-vlm VLM]

Loads EXPORT with AutoProcessor and AutoModelForImageTextToText in float32 and asks the prompts of its studio-check.json.
Token ids, logits at the last prompt position (relative to the largest, 1e-3) and greedy answers must be the studio's own.
With --base-vlm, every tensor that the recipe does not name must be byte for byte that VLM's. An EXPORT that is a PEFT adapter is loaded
by `peft` onto --base-vlm, which it needs; logits may then differ by what rounding the whole model to its stored type does (5e-3). Exits 1
on any mismatch.
"""

import argparse
import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors import safe_open
from transformers import AutoModelForImageTextToText, AutoProcessor, GenerationConfig

TOLERANCE = 1e-3
ADAPTER_TOLERANCE = 5e-3
SPECIAL = ("bos_token_id", "eos_token_id", "pad_token_id")


def image_of(stored: dict) -> Image.Image:
    pixels = np.frombuffer(base64.b64decode(stored["rgb"]), np.uint8)
    return Image.fromarray(pixels.reshape(stored["height"], stored["width"], 3))


@torch.no_grad()
def check_answers(folder: Path, adapter_on: Path | None) -> bool:
    check = json.loads((folder / "studio-check.json").read_text())
    processor = AutoProcessor.from_pretrained(adapter_on or folder)
    model = AutoModelForImageTextToText.from_pretrained(adapter_on or folder, dtype=torch.float32).eval()
    tolerance = TOLERANCE
    if adapter_on:
        import peft

        tolerance = ADAPTER_TOLERANCE
        model = peft.PeftModel.from_pretrained(model, folder).eval()
        stored = len(tensors(folder))
        taken = sum("lora_" in name for name, _ in model.named_parameters())
        print(f"peft {peft.__version__} took {taken} of {stored} factors")
        if taken != stored:
            return False
    print(
        f"transformers {transformers.__version__}, torch {torch.__version__}; the studio computed on {check['backend']}"
    )
    good = bool(check["checks"])
    if not good:
        print("MISMATCH: studio-check.json holds no prompts")
    for case in check["checks"]:
        messages = [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": case["prompt"]}]}
        ]
        text = processor.apply_chat_template(messages, add_generation_prompt=True)
        # The template writes <bos> itself.
        inputs = processor(
            text=text, images=[image_of(case["image"])], return_tensors="pt", add_special_tokens=False
        )
        ids = inputs["input_ids"][0].tolist()
        logits = model(**inputs).logits[0, -1].double()
        expected = torch.tensor(case["logits"]["values"], dtype=torch.float64)
        error = ((logits[case["logits"]["ids"]] - expected).abs().max() / expected.abs().max()).item()
        settings = GenerationConfig(
            do_sample=False,
            max_new_tokens=check["maxTokens"],
            **{k: getattr(model.generation_config, k) for k in SPECIAL},
        )
        new = model.generate(**inputs, generation_config=settings)[0, len(ids) :].tolist()
        stops = settings.eos_token_id if isinstance(settings.eos_token_id, list) else [settings.eos_token_id]
        answer = new[: next((i for i, token in enumerate(new) if token in stops), len(new))]
        fine = ids == case["ids"] and error <= tolerance and answer == case["answer"]["ids"]
        good &= fine
        print(f"{'ok' if fine else 'MISMATCH'}  {case['prompt']!r}: ids {'equal' if ids == case['ids'] else 'DIFFER'}, logits off by {error:.1e}, answer {case['answer']['text']!r}"
              + ("" if answer == case["answer"]["ids"] else f" but transformers says {processor.decode(answer)!r}"))  # fmt: skip
    return good


def tensors(folder: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """By name: dtype, shape, bytes."""
    found = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for name in file.keys():
                tensor = file.get_tensor(name)
                found[name] = (
                    str(tensor.dtype),
                    tuple(tensor.shape),
                    tensor.contiguous().view(torch.uint8).numpy().tobytes(),
                )
    return found


def check_untouched(folder: Path, vlm: Path) -> bool:
    recipe = json.loads((folder / "recipe.json").read_text())
    merged = {slot["id"] for slot in recipe["slots"]}
    exported, original = tensors(folder), tensors(vlm)
    if exported.keys() != original.keys():
        print(f"MISMATCH: tensors differ by name: {sorted(exported.keys() ^ original.keys())[:5]}")
        return False
    differing = [name for name in original if exported[name] != original[name]]
    wrong = [
        name
        for name in differing
        if not any(name.endswith(f"{slot}.weight") for slot in merged)
        or exported[name][:2] != original[name][:2]
    ]
    print(
        f"{len(original) - len(differing)} tensors are byte for byte the VLM's, {len(differing)} are merged, {len(wrong)} wrongly changed"
    )
    return not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--base-vlm", type=Path)
    arguments = parser.parse_args()
    is_adapter = (arguments.export / "adapter_config.json").exists()
    if is_adapter and not arguments.base_vlm:
        parser.error("an adapter needs --base-vlm, the model that it is an adapter of")
    good = check_answers(arguments.export, arguments.base_vlm if is_adapter else None)
    if arguments.base_vlm and not is_adapter:
        good &= check_untouched(arguments.export, arguments.base_vlm)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
