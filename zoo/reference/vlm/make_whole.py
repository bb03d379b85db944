"""The same images in one tile: what stock `transformers` makes of the committed checkpoints' processors when it is asked not to cut.

    python zoo/reference/vlm/make_whole.py

Idefics3 and SmolVLM: `do_image_splitting=False`; InternVL: `crop_to_patches=False`. Writes `whole.json` (token ids) and `whole.safetensors`
(pixels, Pillow backend) beside each `reference.json`, whose images it reads. Needs what make.py needs.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoProcessor

from make import QUESTIONS, VERSIONS, conversation, tiles_of

HERE = Path(__file__).parent
UNCUT = {
    "idefics3": {"do_image_splitting": False},
    "smolvlm": {"do_image_splitting": False},
    "internvl-qwen2": {"crop_to_patches": False},
}


def run(name: str) -> None:
    folder = HERE / name
    processor = AutoProcessor.from_pretrained(folder)
    processor.image_processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    images = load_file(folder / "reference.safetensors")
    arrays, cases = {}, []
    for i, question in enumerate(QUESTIONS):
        image = Image.fromarray(images[f"image.{i}"].numpy().astype(np.uint8))
        text = processor.apply_chat_template(conversation(question, image), add_generation_prompt=True)
        inputs = processor(text=text, images=[image], return_tensors="pt", **UNCUT[name])
        arrays[f"pixels.{i}"] = tiles_of(inputs["pixel_values"])
        cases.append(
            {
                "question": question,
                "ids": inputs["input_ids"][0].tolist(),
                "tiles": len(arrays[f"pixels.{i}"]),
            }
        )
    save_file(
        {key: value.to(torch.float32).contiguous() for key, value in arrays.items()},
        folder / "whole.safetensors",
        metadata=VERSIONS,
    )
    (folder / "whole.safetensors").chmod(0o644)
    (folder / "whole.json").write_text(
        json.dumps({"versions": VERSIONS, "asked": UNCUT[name], "cases": cases}, ensure_ascii=False) + "\n"
    )
    print(name, [case["tiles"] for case in cases], [len(case["ids"]) for case in cases])


if __name__ == "__main__":
    torch.set_num_threads(1)
    for chosen in UNCUT:
        run(chosen)
