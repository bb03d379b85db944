"""Small LoRA adapters on a tiny Llama, written by peft, with the weights that peft itself makes of them.

    python -m zoo.reference.adapter.make

- base/: the tiny Llama, float32.
- plain/, rslora/, patterns/: adapters as PEFT folders: rank 4 on all linear layers; rank-stabilised scaling in bfloat16; different ranks and
  alphas by pattern on attention only.
- merged.safetensors: for each adapter, the weights after merge_and_unload, float32, as `<adapter>/<tensor>`; only those that the adapter changes.
"""

import json
import shutil
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

here = Path(__file__).parent
attention = ["q_proj", "k_proj", "v_proj", "o_proj"]
everything = [*attention, "gate_proj", "up_proj", "down_proj"]
adapters = {
    "plain": (LoraConfig(r=4, lora_alpha=12, target_modules=everything), torch.float32),
    "rslora": (LoraConfig(r=4, lora_alpha=8, use_rslora=True, target_modules=everything), torch.bfloat16),
    "patterns": (
        LoraConfig(
            r=4,
            lora_alpha=4,
            target_modules=attention,
            rank_pattern={"q_proj": 2, r"layers\.1\.self_attn\.o_proj": 3},
            alpha_pattern={"v_proj": 10},
        ),
        torch.float32,
    ),
}


def main():
    torch.manual_seed(11)
    config = LlamaConfig(
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=40,
        max_position_embeddings=64,
        tie_word_embeddings=True,
    )
    base = LlamaForCausalLM(config)
    base.save_pretrained(here / "base")
    merged = {}
    for name, (lora, dtype) in adapters.items():
        model = get_peft_model(LlamaForCausalLM.from_pretrained(here / "base", dtype=torch.float32), lora)
        for parameter_name, parameter in model.named_parameters():
            if "lora_" in parameter_name:
                with torch.no_grad():
                    # Of a size at which the rounding of the stored type is there to be seen.
                    parameter.copy_((torch.randn_like(parameter) * 0.2).to(dtype).float())
        shutil.rmtree(here / name, ignore_errors=True)
        if dtype is not torch.float32:
            for module in model.modules():
                for part in ("lora_A", "lora_B"):
                    if hasattr(module, part):
                        getattr(module, part).to(dtype)
        model.save_pretrained(here / name)
        for module in model.modules():
            for part in ("lora_A", "lora_B"):
                if hasattr(module, part):
                    getattr(module, part).to(torch.float32)
        before = dict(LlamaForCausalLM.from_pretrained(here / "base", dtype=torch.float32).named_parameters())
        for tensor, value in model.merge_and_unload().named_parameters():
            if not torch.equal(value, before[tensor]):
                merged[f"{name}/{tensor}"] = value.detach().clone()
        (here / name / "README.md").unlink(missing_ok=True)
        # Where it was made is nobody's business.
        settings = here / name / "adapter_config.json"
        settings.write_text(
            json.dumps({**json.loads(settings.read_text()), "base_model_name_or_path": "base"}, indent=2)
        )
    save_file(
        merged,
        here / "merged.safetensors",
        metadata={
            "made_by": json.dumps(
                {
                    "peft": peft.__version__,
                    "transformers": transformers.__version__,
                    "torch": torch.__version__,
                }
            )
        },
    )


if __name__ == "__main__":
    main()
