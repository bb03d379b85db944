"""Writes expected.json: the keys that image processors and processors of transformers take from their files.

Run from the repository's root with zoo/requirements.txt installed: python -m zoo.reference.keys.make
"""

import inspect
import json
from pathlib import Path

import transformers
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.idefics3.processing_idefics3 import Idefics3Processor
from transformers.models.internvl.processing_internvl import InternVLProcessor
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava.processing_llava import LlavaProcessor
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.llava_onevision.processing_llava_onevision import LlavaOnevisionProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import SmolVLMProcessor

IMAGE_PROCESSORS = [
    CLIPImageProcessorPil,
    GotOcr2ImageProcessorPil,
    Idefics3ImageProcessorPil,
    LlavaImageProcessorPil,
    LlavaOnevisionImageProcessorPil,
    Qwen2VLImageProcessorPil,
    SiglipImageProcessorPil,
    SmolVLMImageProcessorPil,
]
PROCESSORS = [
    Idefics3Processor,
    InternVLProcessor,
    LlavaProcessor,
    LlavaOnevisionProcessor,
    Qwen2VLProcessor,
    SmolVLMProcessor,
]


def image_keys(kind) -> list[str]:
    return sorted(kind.valid_kwargs.__annotations__)


def keys_of(kind) -> list[str]:
    taken = inspect.signature(kind.__init__).parameters
    return sorted(key for key in taken if key not in ("self", "args", "kwargs", "tokenizer"))


def main() -> None:
    made = {
        "transformers": transformers.__version__,
        "imageProcessors": {kind.__name__.removesuffix("Pil"): image_keys(kind) for kind in IMAGE_PROCESSORS},
        "processors": {kind.__name__: keys_of(kind) for kind in PROCESSORS},
    }
    text = json.dumps(made, indent=1) + "\n"
    Path(__file__).with_name("expected.json").write_text(text)


if __name__ == "__main__":
    main()
