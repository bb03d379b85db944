"""Writes settings.json: what transformers does with settings of an image that are null, missing or odd.

For each model of zoo/reference/vlm one setting of processor_config.json is changed at a time. `fails`: no image can be
prepared; `same`: pixels and ids are those of the file as it is; `other`: they are not.

Run from the repository's root with zoo/requirements.txt installed: python -m zoo.reference.keys.settings
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from transformers import AutoImageProcessor, AutoProcessor

VLM = Path("zoo/reference/vlm")
SWITCHES = ["do_resize", "do_rescale", "do_normalize", "do_center_crop", "do_image_splitting"]
VALUES = ["size", "resample", "rescale_factor", "image_mean", "image_std", "crop_size", "max_image_size"]
OWN = [
    "image_grid_pinpoints",
    "min_patches",
    "max_patches",
    "patch_size",
    "merge_size",
    "temporal_patch_size",
]
NULLS = [{key: None} for key in [*SWITCHES, *VALUES, *OWN, "do_convert_rgb", "default_to_square"]]
CROPS = [{"do_center_crop": True, "crop_size": value} for value in (None, {}, {"height": 20})]
ODD = [{"size": {}}, {"image_mean": [0.5]}, {"image_mean": "x"}, {"do_rescale": True, "rescale_factor": None}]
IDLE = [{"do_rescale": False, "rescale_factor": None}, {"do_normalize": False, "image_std": None}]
COUNTS = [
    {"patch_size": None},
    {"patch_size": 0},
    {"num_additional_image_tokens": None},
    {"num_additional_image_tokens": 3},
    {"vision_feature_select_strategy": "full"},
    {"image_seq_len": None},
    {"image_seq_len": 3},
]
IMAGE = Image.fromarray(np.random.default_rng(3).integers(0, 256, (37, 53, 3), dtype=np.uint8))


def prepared(folder: Path, whole: bool) -> dict[str, np.ndarray]:
    if not whole:
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
        # InternVLProcessor always asks for tiles.
        tiles = {"crop_to_patches": True} if "GotOcr2" in type(processor).__name__ else {}
        made = processor(images=[IMAGE], return_tensors="np", **tiles)
    else:
        processor = AutoProcessor.from_pretrained(folder, backend="pil")
        content = [{"type": "image"}, {"type": "text", "text": "what"}]
        text = processor.apply_chat_template([{"role": "user", "content": content}])
        made = processor(images=[IMAGE], text=[text], return_tensors="np")
    return {key: np.asarray(value) for key, value in made.items() if key in ("pixel_values", "input_ids")}


def outcomes(name: str) -> list[dict[str, object]]:
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file in (VLM / name).glob("*.js*"):
            shutil.copy(file, folder)
        for file in (VLM / name).glob("*.jinja"):
            shutil.copy(file, folder)
        file = folder / "processor_config.json"
        stored = json.loads(file.read_text())
        # The other families' processors want torchvision, for videos.
        counts = COUNTS if name.startswith(("llava-clip", "llava-siglip", "idefics3")) else []
        cases = [("image", case) for case in [*NULLS, *CROPS, *ODD, *IDLE]]
        for part, case in [*cases, *(("processor", case) for case in counts)]:
            whole = part == "processor"
            file.write_text(json.dumps(stored))
            usual = prepared(folder, whole)
            changed = json.loads(json.dumps(stored))
            (changed if whole else changed["image_processor"]).update(case)
            file.write_text(json.dumps(changed))
            try:
                now = prepared(folder, whole)
                outcome = "same" if all(np.array_equal(now[key], usual[key]) for key in usual) else "other"
            except Exception:
                outcome = "fails"
            found.append({"part": part, "change": case, "outcome": outcome})
    return found


def main() -> None:
    names = sorted(file.parent.name for file in VLM.glob("*/processor_config.json"))
    made = {
        "transformers": transformers.__version__,
        "models": {name: outcomes(name) for name in names},
    }
    rows = ",\n".join(
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(one) for one in found) + "\n]"
        for name, found in made["models"].items()
    )
    head = f'{{"transformers": {json.dumps(made["transformers"])}, "models": {{\n'
    Path(__file__).with_name("settings.json").write_text(f"{head}{rows}\n}}}}\n")


if __name__ == "__main__":
    main()
