"""LoRA adapters of every beginning and with every kind of tensor that the studio reads, and what peft makes of them.

    python -m zoo.reference.adapter.variants

Each adapter is saved by peft and loaded again by PeftModel.from_pretrained on a fresh base, as a person would do it, so
whatever peft does to the base on loading is in the expected numbers.

- untied/: a tiny Qwen2 with biases on q, k and v and a head of its own, float32. base/ (make.py) is tied and without biases.
- variants/<name>/: the adapters; `on` in expected.json says on which of the two.
- variants/expected.safetensors: `<name>/logits` [tokens, vocabulary] of the loaded model, adapter not merged, for the ids of
  expected.json; where the beginning or the scale of the factors is what it is about, also `<name>/<tensor>` for each linear layer
  that an adapter changes: the weight with the adapter's product.
- variants/expected.json: versions, ids, and every key of LoraConfig with its default, every peft type.
"""

import dataclasses
import json
import shutil
import warnings
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, PeftType, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

here = Path(__file__).parent
out = here / "variants"
ids = [1, 5, 9, 2, 33, 17, 4, 8]
attention = ["q_proj", "o_proj"]
plain = {"r": 2, "lora_alpha": 3, "target_modules": attention}

# name: (base, settings, how far training went from the beginning; 0: not trained)
variants = {
    "pissa-untrained": ("base", {**plain, "init_lora_weights": "pissa"}, 0),
    "pissa": ("base", {**plain, "init_lora_weights": "pissa", "use_rslora": True}, 0.1),
    "pissa-patterns": (
        "untied",
        {
            **plain,
            "init_lora_weights": "pissa",
            "rank_pattern": {"o_proj": 3},
            "alpha_pattern": {r".*\.0\.self_attn\.q_proj": 9},
        },
        0.1,
    ),
    "olora-untrained": ("base", {**plain, "init_lora_weights": "olora"}, 0),
    "olora": ("untied", {**plain, "init_lora_weights": "olora"}, 0.1),
    "orthogonal-untrained": ("base", {**plain, "init_lora_weights": "orthogonal"}, 0),
    "gaussian": ("base", {**plain, "init_lora_weights": "gaussian"}, 0.2),
    "expressions": (
        "base",
        {
            **plain,
            "rank_pattern": {r"model\.layers\.(0|1)\.self_attn\.q_proj": 3, "proj": 5},
            "alpha_pattern": {
                r"^model\.layers\.\d+\.self_attn\.o_proj$": 7,
                r"layers\.[01]\.self_attn\..*": 11,
            },
        },
        0.2,
    ),
    "bias-all": ("untied", {**plain, "bias": "all"}, 0.2),
    "bias-lora-only": ("untied", {**plain, "bias": "lora_only"}, 0.2),
    "saved-norm-and-head": ("untied", {**plain, "modules_to_save": ["norm", "lm_head"]}, 0.2),
    "saved-head-tied": ("base", {**plain, "modules_to_save": ["lm_head"]}, 0.2),
    "saved-embedding-tied": ("base", {**plain, "modules_to_save": ["embed_tokens"]}, 0.2),
    "head": ("untied", {**plain, "target_modules": ["q_proj", "lm_head"]}, 0.2),
    "head-tied": ("base", {**plain, "target_modules": ["q_proj", "lm_head"]}, 0.2),
    "embedding": ("untied", {**plain, "target_modules": ["q_proj", "embed_tokens"]}, 0.2),
    "embedding-tied": ("base", {**plain, "target_modules": ["q_proj", "embed_tokens"]}, 0.2),
    "token-rows": ("untied", {**plain, "trainable_token_indices": [5, 33, 39]}, 0.2),
    "token-rows-tied": ("base", {**plain, "trainable_token_indices": {"embed_tokens": [5, 33, 39]}}, 0.2),
}


def fresh(base: str):
    return AutoModelForCausalLM.from_pretrained(here / base, dtype=torch.float32).eval()


def train(model, far: float):
    """As training would: everything that asks for a gradient, and the factors, moves by a share of its size."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if far and (parameter.requires_grad or "lora_" in name):
                parameter += (
                    torch.randn_like(parameter) * far * (parameter.std() if parameter.std() > 0 else 1)
                )


def main():
    torch.manual_seed(23)
    warnings.simplefilter("ignore")
    shutil.rmtree(out, ignore_errors=True)
    untied = Qwen2Config(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=40,
        max_position_embeddings=64,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(untied)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter += torch.randn_like(parameter) * 0.1
    model.save_pretrained(here / "untied")
    expected = {}
    for name, (base, settings, far) in variants.items():
        model = get_peft_model(fresh(base), LoraConfig(task_type="CAUSAL_LM", **settings))
        train(model, far)
        model.save_pretrained(out / name)
        (out / name / "README.md").unlink(missing_ok=True)
        loaded = PeftModel.from_pretrained(fresh(base), out / name).eval()
        with torch.no_grad():
            expected[f"{name}/logits"] = loaded(torch.tensor([ids])).logits[0].clone()
            before = model.eval()(torch.tensor([ids])).logits[0]
        if (before - expected[f"{name}/logits"]).abs().max() > 1e-4:
            print(f"{name}: the loaded model is not the saved one")
        for path, module in loaded.base_model.model.named_modules():
            if "init_lora_weights" not in settings and name != "expressions":
                break
            if hasattr(module, "lora_A") and "default" in module.lora_A and "layers" in path:
                weight = module.base_layer.weight + module.get_delta_weight("default")
                expected[f"{name}/{path}.weight"] = weight.detach().clone()
        file = out / name / "adapter_config.json"
        # Where it was made is nobody's business.
        found = {**json.loads(file.read_text()), "base_model_name_or_path": base}
        file.write_text(json.dumps(found, sort_keys=True) + "\n")
    save_file({key: value.contiguous() for key, value in expected.items()}, out / "expected.safetensors")
    defaults = {}
    for field in dataclasses.fields(LoraConfig):
        value = field.default if field.default is not dataclasses.MISSING else None
        if value is None and field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        defaults[field.name] = value if isinstance(value, (bool, int, float, str, list, dict)) else None
    made = {
        "made_by": {
            "peft": peft.__version__,
            "transformers": transformers.__version__,
            "torch": torch.__version__,
        },
        "ids": ids,
        "on": {name: base for name, (base, _, _) in variants.items()},
        "lora_config": defaults,
        "peft_types": sorted(kind.value for kind in PeftType),
    }
    (out / "expected.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
