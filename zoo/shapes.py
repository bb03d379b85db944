"""Checkpoints with the tensor names, shapes and formats of published models and random numbers in them, for measuring memory and time.

    python -m zoo.shapes qwen2.5-vl-3b OUT    writes OUT/{base,vlm,lrm}, 7.5 + 2 x 6.2 GB bfloat16
    python -m zoo.shapes smolvlm-256m OUT     SmolVLM-256M and SmolLM2-135M shapes, 0.5 + 2 x 0.27 GB, with a tokenizer to run them
    python -m zoo.shapes smollm2-135m OUT     three text models of SmolLM2-135M's shapes

Shapes are those of the models' config.json on the Hub (Qwen/Qwen2.5-VL-3B-Instruct, Qwen/Qwen2.5-3B, HuggingFaceTB/SmolVLM-256M-Instruct,
HuggingFaceTB/SmolLM2-135M). The weights mean nothing; the VLM and the LRM differ from the base everywhere by about a tenth of its size.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from zoo.shapes_words import write_words

SHARD_BYTES = 5_000_000_000


def text_tensors(prefix, layers, hidden, inner, queries, keys, vocabulary, biases):
    yield f"{prefix}embed_tokens.weight", (vocabulary, hidden)
    for i in range(layers):
        at = f"{prefix}layers.{i}."
        for name, rows in (("q", queries), ("k", keys), ("v", keys)):
            yield f"{at}self_attn.{name}_proj.weight", (rows, hidden)
            if biases:
                yield f"{at}self_attn.{name}_proj.bias", (rows,)
        yield f"{at}self_attn.o_proj.weight", (hidden, queries)
        yield f"{at}mlp.gate_proj.weight", (inner, hidden)
        yield f"{at}mlp.up_proj.weight", (inner, hidden)
        yield f"{at}mlp.down_proj.weight", (hidden, inner)
        yield f"{at}input_layernorm.weight", (hidden,)
        yield f"{at}post_attention_layernorm.weight", (hidden,)
    yield f"{prefix}norm.weight", (hidden,)


def qwen_tower():
    yield "visual.patch_embed.proj.weight", (1280, 3, 2, 14, 14)
    for i in range(32):
        at = f"visual.blocks.{i}."
        for name, shape in (
            ("norm1.weight", (1280,)),
            ("norm2.weight", (1280,)),
            ("attn.qkv.weight", (3840, 1280)),
            ("attn.qkv.bias", (3840,)),
            ("attn.proj.weight", (1280, 1280)),
            ("attn.proj.bias", (1280,)),
        ):
            yield at + name, shape
        for name, shape in (
            ("gate_proj", (3420, 1280)),
            ("up_proj", (3420, 1280)),
            ("down_proj", (1280, 3420)),
        ):
            yield f"{at}mlp.{name}.weight", shape
            yield f"{at}mlp.{name}.bias", shape[:1]
    yield "visual.merger.ln_q.weight", (1280,)
    for name, shape in (("0", (5120, 5120)), ("2", (2048, 5120))):
        yield f"visual.merger.mlp.{name}.weight", shape
        yield f"visual.merger.mlp.{name}.bias", shape[:1]


def siglip_tower():
    at = "model.vision_model."
    yield f"{at}embeddings.patch_embedding.weight", (768, 3, 16, 16)
    yield f"{at}embeddings.patch_embedding.bias", (768,)
    yield f"{at}embeddings.position_embedding.weight", (1024, 768)
    for i in range(12):
        layer = f"{at}encoder.layers.{i}."
        for name, shape in (
            ("self_attn.q_proj", (768, 768)),
            ("self_attn.k_proj", (768, 768)),
            ("self_attn.v_proj", (768, 768)),
            ("self_attn.out_proj", (768, 768)),
            ("mlp.fc1", (3072, 768)),
            ("mlp.fc2", (768, 3072)),
            ("layer_norm1", (768,)),
            ("layer_norm2", (768,)),
        ):
            yield f"{layer}{name}.weight", shape
            yield f"{layer}{name}.bias", shape[:1]
    yield f"{at}post_layernorm.weight", (768,)
    yield f"{at}post_layernorm.bias", (768,)
    yield "model.connector.modality_projection.proj.weight", (576, 12288)


QWEN = dict(
    hidden_size=2048,
    intermediate_size=11008,
    num_hidden_layers=36,
    num_attention_heads=16,
    num_key_value_heads=2,
    vocab_size=151936,
    rms_norm_eps=1e-6,
    tie_word_embeddings=True,
)
SMOL = dict(
    hidden_size=576,
    intermediate_size=1536,
    num_hidden_layers=30,
    num_attention_heads=9,
    num_key_value_heads=3,
    head_dim=64,
    rms_norm_eps=1e-5,
    rope_theta=100000.0,
)


def qwen_trio():
    text = dict(layers=36, hidden=2048, inner=11008, queries=2048, keys=256, vocabulary=151936, biases=True)
    config = {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "rope_theta": 1000000.0, **QWEN}
    vlm = {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "rope_theta": 1000000.0,
        **QWEN,
    }
    return {
        "base": (config, list(text_tensors("model.", **text))),
        "vlm": (vlm, [*text_tensors("model.", **text), *qwen_tower()]),
        "lrm": (config, list(text_tensors("model.", **text))),
    }


def smol_trio():
    text = dict(layers=30, hidden=576, inner=1536, queries=576, keys=192, biases=False)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": 49152,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        **SMOL,
    }
    vlm = {
        "architectures": ["Idefics3ForConditionalGeneration"],
        "model_type": "idefics3",
        "image_token_id": 49190,
        "scale_factor": 4,
        "tie_word_embeddings": False,
        "text_config": {"model_type": "llama", "vocab_size": 49280, "hidden_act": "silu", **SMOL},
        "vision_config": {
            "model_type": "idefics3_vision",
            "hidden_size": 768,
            "image_size": 512,
            "patch_size": 16,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "intermediate_size": 3072,
        },
    }
    head = [("lm_head.weight", (49280, 576))]
    return {
        "base": (config, list(text_tensors("model.", vocabulary=49152, **text))),
        "vlm": (vlm, [*text_tensors("model.text_model.", vocabulary=49280, **text), *siglip_tower(), *head]),
        "lrm": (config, list(text_tensors("model.", vocabulary=49152, **text))),
    }


def text_trio():
    """Three text models: what tools that know no VLM can merge too."""
    base, lrm = smol_trio()["base"], smol_trio()["lrm"]
    return {"base": base, "vlm": base, "lrm": lrm}


TRIOS = {"qwen2.5-vl-3b": qwen_trio, "smolvlm-256m": smol_trio, "smollm2-135m": text_trio}


def bfloat16(values):
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def numbers(name, role, count):
    """Random, the same for a name in every role but for a difference of a tenth, and quick: rows of one pool from places that a seed picks."""
    rng = np.random.default_rng(abs(hash_of(name.split("layers.")[-1])))
    pool = rng.standard_normal(min(count, 1 << 21), dtype=np.float32) * np.float32(0.02)
    own = np.random.default_rng(abs(hash_of(name + role))).standard_normal(
        pool.size, dtype=np.float32
    ) * np.float32(0.002)
    values = pool if role == "base" else pool + own
    stored = bfloat16(values)
    for at in range(0, count, stored.size):
        yield np.roll(stored, at // stored.size)[: min(stored.size, count - at)]


def hash_of(text):
    value = 1469598103934665603
    for byte in text.encode():
        value = ((value ^ byte) * 1099511628211) % (1 << 63)
    return value


def write(folder, config, tensors, role):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**config, "torch_dtype": "bfloat16"}, indent=2))
    groups, filled = [], SHARD_BYTES
    for name, shape in tensors:
        size = 2 * int(np.prod(shape))
        if filled + size > SHARD_BYTES:
            groups.append([])
            filled = 0
        groups[-1].append((name, shape, size))
        filled += size
    weight_map = {}
    for i, group in enumerate(groups):
        file = (
            "model.safetensors" if len(groups) == 1 else f"model-{i + 1:05d}-of-{len(groups):05d}.safetensors"
        )
        header, at = {"__metadata__": {"format": "pt"}}, 0
        for name, shape, size in group:
            header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [at, at + size]}
            weight_map[name] = file
            at += size
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(folder / file, "wb") as out:
            out.write(len(text).to_bytes(8, "little") + text)
            for name, shape, size in group:
                for piece in numbers(name, role, size // 2):
                    out.write(piece.tobytes())
    if len(groups) > 1:
        total = sum(size for group in groups for _, _, size in group)
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=2)
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trio", choices=sorted(TRIOS))
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    for role, (config, tensors) in TRIOS[arguments.trio]().items():
        write(arguments.out / role, config, tensors, role)
        if arguments.trio == "smolvlm-256m":
            write_words(arguments.out / role, sees=role == "vlm")
        print(
            arguments.out / role,
            f"{2 * sum(int(np.prod(shape)) for _, shape in tensors) / 1e9:.2f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main()
