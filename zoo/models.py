"""Architectures of the trio, and reading and writing them in the ordinary Hugging Face layout."""

import json
from pathlib import Path

import torch
from transformers import (
    GenerationConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    LlamaConfig,
    LlamaForCausalLM,
)
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

from .board import CELLS, IMAGE_MEAN, IMAGE_STD, TILE_PX
from .vocab import BOS_ID, CHAT_TEMPLATE, EOS_ID, IMAGE_ID, PAD_ID, TOKENS, build_tokenizer

PATCH_PX, SCALE_FACTOR = 8, 2
LINEARS = [
    *(f"self_attn.{name}_proj" for name in "qkvo"),
    *(f"mlp.{name}_proj" for name in ("gate", "up", "down")),
]
STORED_DTYPE = torch.float16


def text_config() -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(TOKENS),
        hidden_size=128,
        intermediate_size=352,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
        initializer_range=0.06,
        tie_word_embeddings=False,
        bos_token_id=BOS_ID,
        eos_token_id=EOS_ID,
        pad_token_id=PAD_ID,
    )


def vlm_config() -> Idefics3Config:
    return Idefics3Config(
        text_config=text_config(),
        vision_config={
            "hidden_size": 96,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_channels": 3,
            "image_size": TILE_PX,
            "patch_size": PATCH_PX,
            "hidden_act": "gelu_pytorch_tanh",
            "layer_norm_eps": 1e-6,
            "initializer_range": 0.06,
        },
        scale_factor=SCALE_FACTOR,
        image_token_id=IMAGE_ID,
        tie_word_embeddings=False,
        bos_token_id=BOS_ID,
        eos_token_id=EOS_ID,
        pad_token_id=PAD_ID,
    )


def new_base(seed: int) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    return LlamaForCausalLM(text_config())


def new_vlm(base: LlamaForCausalLM, seed: int) -> Idefics3ForConditionalGeneration:
    """A fresh tower and connector in front of a copy of `base`."""
    torch.manual_seed(seed)
    vlm = Idefics3ForConditionalGeneration(vlm_config())
    vlm.model.text_model.load_state_dict(base.model.state_dict())
    vlm.lm_head.load_state_dict(base.lm_head.state_dict())
    return vlm


def language_model(vlm: Idefics3ForConditionalGeneration) -> LlamaForCausalLM:
    """The VLM's language model alone, sharing its weights."""
    alone = LlamaForCausalLM(text_config())
    alone.model, alone.lm_head = vlm.model.text_model, vlm.lm_head
    return alone


def linear_names(layers: int) -> list[str]:
    """Names of the merged weights within a LlamaForCausalLM."""
    return [f"model.layers.{layer}.{name}.weight" for layer in range(layers) for name in LINEARS]


def round_to_stored(model: torch.nn.Module) -> None:
    """Rounds the weights to the stored dtype in place, so that what is measured is what is shipped."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.to(STORED_DTYPE).to(parameter.dtype))


def build_processor() -> Idefics3Processor:
    images = Idefics3ImageProcessorPil(
        size={"longest_edge": TILE_PX},
        max_image_size={"longest_edge": TILE_PX},
        image_mean=list(IMAGE_MEAN),
        image_std=list(IMAGE_STD),
        do_image_splitting=False,
    )
    return Idefics3Processor(images, build_tokenizer(), image_seq_len=CELLS, chat_template=CHAT_TEMPLATE)


def save_checkpoint(model: torch.nn.Module, folder: Path) -> None:
    """Writes weights in float16 with everything that `from_pretrained` needs; `model` keeps its dtype."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.to(STORED_DTYPE) for name, tensor in model.state_dict().items()}
    model.generation_config = GenerationConfig(
        bos_token_id=BOS_ID, eos_token_id=EOS_ID, pad_token_id=PAD_ID, do_sample=False, max_new_tokens=24
    )
    model.save_pretrained(folder, state_dict=state)
    tokenizer = build_tokenizer()
    tokenizer.save_pretrained(folder)
    special = {
        key: str(token) for key, token in tokenizer.special_tokens_map.items() if isinstance(token, str)
    }
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    if isinstance(model, Idefics3ForConditionalGeneration):
        processor = build_processor()
        processor.save_pretrained(folder)
        processor.image_processor.save_pretrained(folder)
    _edit_json(folder / "config.json", dtype=str(STORED_DTYPE).removeprefix("torch."))
    # The name that every version of transformers knows, and the JavaScript libraries with it.
    _edit_json(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    (folder / "model.safetensors").chmod(0o644)


def _edit_json(path: Path, **changes: str) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=2) + "\n")


def load_checkpoint(folder: Path) -> torch.nn.Module:
    """The stored weights, computed with in float32."""
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    family = Idefics3ForConditionalGeneration if kind == "idefics3" else LlamaForCausalLM
    return family.from_pretrained(folder, dtype=torch.float32).eval()
