"""Reference outputs of stock `transformers` for vision-language families: prompts, pixels, features, logits and answers.

    python zoo/reference/vlm/make.py [NAME ...]

Each folder beside this file is a checkpoint as `save_pretrained` writes it (tiny, random) with `reference.json` and
`reference.safetensors`. All outputs are of what AutoProcessor and the model class load from that folder again. Pixels are the
Pillow backend's; how far the torchvision backend, which is the default where torchvision is installed, differs from them is in
reference.json, in grey levels. Needs zoo/requirements.txt, and torchvision and num2words, without which transformers loads none of
these processors but LLaVA's and Idefics3's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import PIL
import tokenizers
import torch
import torchvision
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoImageProcessor, AutoProcessor, GenerationConfig

sys.path.insert(0, str(Path(__file__).parent))
from models import FAMILIES, TOKENIZER_CLASSES  # noqa: E402

HERE = Path(__file__).parent
VERSIONS = {
    "transformers": transformers.__version__, "torch": torch.__version__, "tokenizers": tokenizers.__version__, "pillow": PIL.__version__,
    "torchvision": torchvision.__version__,
}  # fmt: skip
# (width, height, transparent): wide, tall, small and square, and beyond every tile.
SIZES = [(70, 41, False), (37, 90, True), (20, 20, False), (131, 118, False)]
QUESTIONS = [
    "What is shown in this image?",
    "naïve  café 東京: 3+4=7?\n\tRead it, please… ",
    " how many people's dogs",
    "Answer with 1 word.",
]
MAX_TOKENS = 5


def photograph(width: int, height: int, transparent: bool, seed: int) -> Image.Image:
    """Gradients, an edge and noise."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack(
        [127 + 90 * np.sin(x / 9 + c) * np.cos(y / (7 + c)) + 40 * (x + c * 5 > width / 2) for c in range(3)],
        -1,
    )
    colours = np.clip(smooth + generator.normal(0, 20, smooth.shape), 0, 255).astype(np.uint8)
    if not transparent:
        return Image.fromarray(colours)
    alpha = np.clip(255 * y / height + generator.normal(0, 40, y.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(np.dstack([colours, alpha]))


def conversation(question: str, image: Image.Image | None) -> list[dict]:
    parts = [] if image is None else [{"type": "image", "image": image}]
    return [{"role": "user", "content": [*parts, {"type": "text", "text": question}]}]


def tiles_of(pixels: torch.Tensor) -> torch.Tensor:
    """[tiles, 3, H, W] of one image, whatever dimensions a processor puts around it. Qwen2-VL's rows are patches, four a tile, each twice in time."""
    if pixels.ndim > 2:
        return pixels.reshape(-1, *pixels.shape[-3:])
    side = round((pixels.shape[1] / 6) ** 0.5)
    patches = pixels.reshape(-1, 2, 2, 3, 2, side, side)
    assert torch.equal(patches[:, :, :, :, 0], patches[:, :, :, :, 1])
    return patches[:, :, :, :, 0].permute(0, 3, 1, 4, 2, 5).reshape(-1, 3, 2 * side, 2 * side)


def prepare(processor, question: str, image: Image.Image | None) -> dict:
    return dict(
        processor.apply_chat_template(
            conversation(question, image),
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            add_generation_prompt=True,
        )
    )


def levels_apart(a: torch.Tensor, b: torch.Tensor, processor) -> float:
    """Largest difference of two preparations, in grey levels of the image."""
    std = torch.tensor(processor.image_processor.image_std).reshape(1, 3, 1, 1)
    return round(((a - b).abs() * std * 255).max().item(), 3)


def say_tokenizer_class(folder: Path, said: dict) -> None:
    """As published checkpoints say it; AutoTokenizer's way to the file depends on it."""
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | said, indent=2) + "\n")


@torch.no_grad()
def run(name: str) -> None:
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    model, processor = FAMILIES[name]()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    say_tokenizer_class(folder, TOKENIZER_CLASSES[name])
    model = type(model).from_pretrained(folder).eval()
    default, processor = AutoProcessor.from_pretrained(folder), AutoProcessor.from_pretrained(folder)
    processor.image_processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    assert processor.image_processor.backend == "pil", processor.image_processor
    settings = GenerationConfig(
        do_sample=False,
        max_new_tokens=MAX_TOKENS,
        eos_token_id=processor.tokenizer.eos_token_id,
        pad_token_id=processor.tokenizer.pad_token_id,
    )

    arrays, cases, apart = {}, [], []
    for i, ((width, height, transparent), question) in enumerate(zip(SIZES, QUESTIONS)):
        image = photograph(width, height, transparent, i)
        inputs = prepare(processor, question, image)
        apart.append(
            levels_apart(
                tiles_of(inputs["pixel_values"]),
                tiles_of(prepare(default, question, image)["pixel_values"]),
                processor,
            )
        )
        ids = inputs["input_ids"][0]
        logits = model(**inputs).logits[0]
        # Every position would be a megabyte: some of the image's, and the last.
        positions = sorted({*range(0, len(ids), max(1, len(ids) // 5)), *range(len(ids) - 3, len(ids))})
        answer = model.generate(**inputs, generation_config=settings)[0, len(ids) :].tolist()
        stop = processor.tokenizer.eos_token_id
        answer = answer[: answer.index(stop)] if stop in answer else answer
        extra = {
            key: inputs[key]
            for key in ("image_sizes", "image_grid_thw", "pixel_attention_mask", "batch_num_images")
            if key in inputs
        }
        features = model.get_image_features(pixel_values=inputs["pixel_values"], **extra).pooler_output
        features = (
            torch.cat([part.reshape(-1, part.shape[-1]) for part in features])
            if isinstance(features, (list, tuple))
            else features.reshape(-1, features.shape[-1])
        )
        arrays |= {
            f"image.{i}": torch.from_numpy(np.array(image)), f"pixels.{i}": tiles_of(inputs["pixel_values"]), f"features.{i}": features,
            f"logits.{i}": logits[positions],
        }  # fmt: skip
        cases.append({
            "width": width, "height": height, "question": question, "ids": ids.tolist(), "tiles": len(arrays[f"pixels.{i}"]), "tokens": len(features),
            "positions": positions, "answer": answer, "decoded": processor.tokenizer.decode(ids, skip_special_tokens=True),
        })  # fmt: skip
    plain = {"question": QUESTIONS[1], "ids": prepare(processor, QUESTIONS[1], None)["input_ids"][0].tolist()}
    facts = {
        "versions": VERSIONS, "imageProcessor": type(processor.image_processor).__name__, "stopId": processor.tokenizer.eos_token_id, "maxTokens": MAX_TOKENS,
        "torchvisionLevelsApart": apart, "text": plain, "cases": cases,
    }  # fmt: skip
    save_file(
        {key: value.contiguous().clone() for key, value in arrays.items()},
        folder / "reference.safetensors",
        metadata=VERSIONS,
    )
    (folder / "reference.json").write_text(json.dumps(facts, ensure_ascii=False) + "\n")
    for file in folder.glob("*.safetensors"):
        file.chmod(0o644)
    print(
        name,
        [case["tiles"] for case in cases],
        [case["tokens"] for case in cases],
        apart,
        sum(f.stat().st_size for f in folder.iterdir()),
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for chosen in sys.argv[1:] or FAMILIES:
        run(chosen)
