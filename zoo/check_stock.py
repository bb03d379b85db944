"""Asks the shipped VLM through stock transformers alone and compares the score with zoo/evidence.json.

    python -m zoo.check_stock

Nothing of this package's model or token code is used: the chat template, the processor and `generate` must be enough.
"""

import json
from pathlib import Path

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "public" / "models" / "demo"


def tile(sheet: Image.Image, head: dict, index: int) -> Image.Image:
    size, (row, column) = head["tile"], divmod(index, head["columns"])
    return sheet.crop((column * size, row * size, (column + 1) * size, (row + 1) * size))


def main() -> None:
    torch.set_num_threads(1)
    processor = AutoProcessor.from_pretrained(DEMO / "vlm")
    model = AutoModelForImageTextToText.from_pretrained(DEMO / "vlm", dtype=torch.float32).eval()
    head = json.loads((DEMO / "data" / "perception.json").read_text())
    sheet = Image.open(DEMO / "data" / "perception.png").convert("RGB")
    by_prompt: dict[str, list[dict]] = {}
    for item in head["items"]:
        by_prompt.setdefault(item["prompt"], []).append(item)
    right = 0
    for prompt, items in by_prompt.items():
        message = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt}]}]
        text = processor.apply_chat_template(message, add_generation_prompt=True)
        images = [[tile(sheet, head, item["index"])] for item in items]
        inputs = processor(text=[text] * len(items), images=images, return_tensors="pt")
        with torch.no_grad():
            output = model.generate(**inputs)
        answers = processor.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        right += sum(answer == item["answer"] for answer, item in zip(answers, items, strict=True))
    expected = json.loads((ROOT / "zoo" / "evidence.json").read_text())["vlm"]["perception"]
    print(f"stock transformers {right}/{head['count']}, evidence {expected['right']}/{expected['total']}")
    assert right == expected["right"] and head["count"] == expected["total"]


if __name__ == "__main__":
    main()
