"""Weights stored in FP8 with scales, and the numbers that transformers and compressed-tensors make of them.

    python -m zoo.reference.quantised.make

- fp8/: a Llama of one layer whose linear layers transformers quantised itself (`weight_scale_inv`, blocks of 16 × 16).
- codes.safetensors: one matrix of FP8 codes with each shape of `weight_scale` of compressed-tensors, in float32 and bfloat16.
- dequantised.safetensors: the linear layers of fp8/ as transformers loads them with `dequantize=True` in float32, and each matrix of
  codes.safetensors by compressed_tensors' `dequantize`, widened to float32.
- versions.json: of the libraries.
"""

import json
import shutil
from pathlib import Path

import compressed_tensors
import torch
import transformers
from compressed_tensors.quantization import QuantizationArgs
from compressed_tensors.quantization.lifecycle.forward import dequantize
from safetensors.torch import load_file, save_file
from transformers import FineGrainedFP8Config, LlamaConfig, LlamaForCausalLM

here = Path(__file__).parent
block = 16


def quantise(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """FP8 codes and one scale a block, as FP8 checkpoints of this format are made: the largest of a block becomes 448."""
    rows, columns = weight.shape
    tiles = weight.reshape(rows // block, block, columns // block, block)
    scale = tiles.abs().amax(dim=(1, 3)) / 448
    codes = (tiles / scale[:, None, :, None]).reshape(rows, columns).to(torch.float8_e4m3fn)
    return codes, scale


torch.manual_seed(20261130)
config = LlamaConfig(
    vocab_size=48,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=1,
    num_attention_heads=2,
    max_position_embeddings=64,
)
model = LlamaForCausalLM(config).float()
shutil.rmtree(here / "fp8", ignore_errors=True)
model.save_pretrained(here / "fp8")
tensors = {}
for name, value in load_file(here / "fp8/model.safetensors").items():
    if "_proj.weight" in name:
        tensors[name], tensors[f"{name}_scale_inv"] = quantise(value)
    else:
        tensors[name] = value
save_file(tensors, here / "fp8/model.safetensors", {"format": "pt"})
stated = json.loads((here / "fp8/config.json").read_text())
stated["quantization_config"] = {
    "quant_method": "fp8",
    "weight_block_size": [block, block],
    "activation_scheme": "dynamic",
}
(here / "fp8/config.json").write_text(json.dumps(stated, indent=2) + "\n")
(here / "fp8/generation_config.json").unlink(missing_ok=True)

loaded = LlamaForCausalLM.from_pretrained(
    here / "fp8",
    dtype=torch.float32,
    quantization_config=FineGrainedFP8Config(dequantize=True, weight_block_size=(block, block)),
)
expected = {
    name: value.clone().contiguous() for name, value in loaded.state_dict().items() if "_proj.weight" in name
}
assert all(value.dtype == torch.float32 for value in expected.values())

codes = {}
shapes = {"tensor": [1], "channel": [12, 1], "group": [12, 5], "block": [3, 4]}
eight = {"num_bits": 8, "type": "float", "symmetric": True}
settings = {
    "tensor": QuantizationArgs(strategy="tensor", **eight),
    "channel": QuantizationArgs(strategy="channel", **eight),
    "group": QuantizationArgs(strategy="group", group_size=4, **eight),
    "block": QuantizationArgs(strategy="block", block_structure=[4, 5], **eight),
}
for kind, shape in shapes.items():
    for dtype in (torch.float32, torch.bfloat16):
        name = f"{kind}_{str(dtype).removeprefix('torch.')}.weight"
        codes[name] = torch.randn(12, 20).mul(100).to(torch.float8_e4m3fn)
        scale = torch.rand(shape).add(0.01).to(dtype)
        codes[f"{name}_scale"] = scale
        result = dequantize(codes[name], scale, args=settings[kind])
        assert result.dtype == dtype
        expected[name] = result.float()
save_file(codes, here / "codes.safetensors", {"format": "pt"})
save_file(expected, here / "dequantised.safetensors", {"format": "pt"})
versions = {library.__name__: library.__version__ for library in (torch, transformers, compressed_tensors)}
(here / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
