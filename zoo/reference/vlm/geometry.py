"""How images of many shapes are cut, by transformers' own arithmetic with the settings of published checkpoints: geometry.json.

python zoo/reference/vlm/geometry.py
"""

import json
import math
import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import transformers
from transformers.image_processing_utils import select_best_resolution
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.llava_onevision.processing_llava_onevision import LlavaOnevisionProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

PINPOINTS = LlavaOnevisionImageProcessorPil.image_grid_pinpoints


class OnlySizes(Idefics3ImageProcessorPil):
    """Resizes nothing but the numbers."""

    def resize(self, image, size, resample=None, **kwargs):
        if size.longest_edge:
            from transformers.models.idefics3.image_processing_pil_idefics3 import (
                get_resize_output_image_size,
            )

            height, width = get_resize_output_image_size(image, resolution_max_side=size.longest_edge)
        else:
            height, width = size.height, size.width
        return np.broadcast_to(np.zeros(1, np.uint8), (3, height, width))


def idefics3(width: int, height: int) -> list[int]:
    """SmolVLM-256M's settings: longest edge 2048, tiles of 512 -> rows, columns."""
    processor = OnlySizes(size={"longest_edge": 2048}, max_image_size={"longest_edge": 512})
    image = processor.resize(np.broadcast_to(np.zeros(1, np.uint8), (3, height, width)), processor.size)
    image = processor.resize_for_vision_encoder(image, 512)
    _, rows, columns = processor.split_images(image, {"longest_edge": 512})
    return [rows, columns]


def onevision(width: int, height: int) -> list[int]:
    """LLaVA-OneVision's settings: tiles of 384 pixels and 27 x 27 features, anyres_max_9 -> height, width, tokens."""
    holder = SimpleNamespace(
        image_processor=SimpleNamespace(image_grid_pinpoints=PINPOINTS),
        num_image_tokens=729,
        vision_aspect_ratio="anyres_max_9",
    )
    holder._get_unpadded_features = lambda *sizes: LlavaOnevisionProcessor._get_unpadded_features(
        holder, *sizes
    )
    tokens = LlavaOnevisionProcessor._get_number_of_features(holder, height, width, 384, 384)
    return [*select_best_resolution((height, width), PINPOINTS), tokens]


def internvl(width: int, height: int) -> list[int]:
    """InternVL3's settings: tiles of 448, at most 12 -> columns, rows."""
    return list(get_optimal_tiled_canvas((height, width), (448, 448), 1, 12))


def qwen2_vl(width: int, height: int) -> list[int]:
    """The class's own settings: multiples of 28, from 56 * 56 to 28 * 28 * 1280 pixels -> height, width; zeros where it refuses."""
    try:
        return list(smart_resize(height, width, 28, 56 * 56, 28 * 28 * 1280))
    except ValueError:
        return [0, 0]


def sizes() -> list[tuple[int, int]]:
    chosen = random.Random(3)
    some = [
        (1, 1),
        (1, 3000),
        (3000, 1),
        (384, 384),
        (385, 384),
        (448, 448),
        (449, 448),
        (512, 512),
        (2048, 2048),
        (2049, 7),
        (1920, 1080),
        (1080, 1920),
    ]
    return some + [
        tuple(int(math.exp(chosen.uniform(math.log(3), math.log(4000)))) for _ in range(2))
        for _ in range(388)
    ]


rows = [
    [
        width,
        height,
        *idefics3(width, height),
        *onevision(width, height),
        *internvl(width, height),
        *qwen2_vl(width, height),
    ]
    for width, height in sizes()
]
columns = [
    "width",
    "height",
    "idefics3Rows",
    "idefics3Columns",
    "onevisionHeight",
    "onevisionWidth",
    "onevisionTokens",
    "internvlColumns",
    "internvlRows",
    "qwen2VlHeight",
    "qwen2VlWidth",
]
facts = {"transformers": transformers.__version__, "columns": columns, "rows": rows}
Path(__file__).with_name("geometry.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")
