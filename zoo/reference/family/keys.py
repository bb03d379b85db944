"""Every key that the configuration classes of transformers write, with its default: the reference for core/family/config-keys.

python zoo/reference/family/keys.py
"""

import json
from pathlib import Path

import transformers

here = Path(__file__).parent
classes = ["LlamaConfig", "Qwen2Config", "Qwen3Config", "Idefics3Config", "SmolVLMConfig", "LlavaConfig", "LlavaOnevisionConfig", "InternVLConfig",
           "Qwen2VLConfig", "Qwen2_5_VLConfig"]  # fmt: skip
architecture = {
    "LlamaConfig": "LlamaForCausalLM",
    "Qwen2Config": "Qwen2ForCausalLM",
    "Qwen3Config": "Qwen3ForCausalLM",
}
configs = {}
for name in classes:
    whole = json.loads(getattr(transformers, name)().to_json_string(use_diff=False))
    whole["architectures"] = [architecture.get(name, name.replace("Config", "ForConditionalGeneration"))]
    if isinstance(whole.get("text_config"), dict) and "layer_types" in whole["text_config"]:
        whole["text_config"]["layer_types"] = whole["text_config"]["layer_types"][:2]
    if "layer_types" in whole:
        whole["layer_types"] = whole["layer_types"][:2]
    configs[name] = whole
(here / "keys.json").write_text(
    json.dumps({"transformers": transformers.__version__, "configs": configs}, separators=(",", ":")) + "\n"
)
