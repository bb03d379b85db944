"""Which modules peft puts an adapter on: by an expression, by the numbers of layers, beside what is saved whole.

Writes expressions.json beside this file: check_target_module_exists of peft for each configuration below and
each name of a module. Run: python zoo/reference/adapter/expressions.py
"""

import json
import sys
from pathlib import Path

import peft
from peft import LoraConfig
from peft.tuners.tuners_utils import check_target_module_exists

KINDS = [f"self_attn.{k}_proj" for k in "qkvo"] + [f"mlp.{k}_proj" for k in ("gate", "up", "down")]
MODULES = [f"model.layers.{layer}.{kind}" for layer in (0, 3, 11) for kind in KINDS] + [
    "model.embed_tokens",
    "model.norm",
    "lm_head",
    "model.visual.blocks.0.attn.qkv",
    "model.language_model.layers.1.self_attn.q_proj",
    "model.layers.1.mlp.experts.0.up_proj",
    "model.layers.0.mlp.experts.1.up_proj",
    "model.stages.1.blocks.0.q_proj",
    "layers.1.q_proj",
    "blocks.1.layers.2.up_proj",
    "model.layers.1",
    "model.1.up_proj",
    "model.layers.01.up_proj",
    "score.layers.0.q_proj",
    "score.q_proj",
]
TARGETS = [
    r".*\.(q|v)_proj",
    r".*layers\.[01]\.self_attn\.(q|v)_proj",
    r"model\.layers\.\d+\.(self_attn|mlp)\.(?:q|up)_proj",
    r"^(?!.*visual).*(?:q_proj|k_proj|v_proj|o_proj).*$",
    r"^(language_model|model)(?!.*(?:lm_head|output|embed|visual)).*\.(q_proj|down_proj)$",
    r"(?:.*?(?:language|text|model).*?(?:self_attn|attention|attn|mlp|ffn).*?(?:k_proj|v_proj|gate_proj).*?)"
    r"|(?:\bmodel\.layers\.[\d]{1,}\.(?:self_attn|mlp)\.(?:(?:k_proj|down_proj)))",
    r"model\.layers\.\d{2}\..*",
    r"model\.layers\.[^0-2]\..*proj",
    r".*q\_proj|.*v\-?_proj",
    r"q_proj",
    r"[\w.]+\.up_proj",
    r"(?:.*\.)?(?:[a-z]_|up_)proj",
    r"model.layers.(?:0|3).mlp.(?=up|down)\w+",
    r".*\Bproj",
]
EXCLUDED = [r".*layers\.3\..*", r".*\.(?:q|k|v|o)_proj", r"proj", r"model\.layers\.(?!0\.).*"]
NAMES = ["q_proj", "up_proj", "qkv"]
LAYERS: list[dict[str, object]] = [
    {"layers_to_transform": [1]},
    {"layers_to_transform": 0},
    {"layers_to_transform": [0, 2], "layers_pattern": []},
    {"layers_to_transform": [1], "layers_pattern": ["layers"]},
    {"layers_to_transform": [1], "layers_pattern": "experts"},
    {"layers_to_transform": [0], "layers_pattern": ["blocks", "layers"]},
    {"layers_to_transform": [1], "layers_pattern": ["layers", "blocks"]},
    {"layers_to_transform": [0, 1], "layers_pattern": ["experts", "stages"]},
    {"layers_to_transform": [1], "layers_pattern": ["h"]},
]
SAVED = [["score"], ["lm_head", "embed_tokens"], ["mlp"], ["self_attn.q_proj"], ["layers"], ["q_proj$"], ["x|q_proj"],
         ["model.layers.0"], ["proj"], ["_proj"]]  # fmt: skip


def modules(**said: object) -> list[str]:
    config = LoraConfig(**said)
    return [module for module in MODULES if check_target_module_exists(config, module)]


cases = [{"target_modules": target} for target in TARGETS]
cases += [{"target_modules": ["q_proj", "up_proj"], "exclude_modules": excluded} for excluded in EXCLUDED]
cases += [{"target_modules": TARGETS[0], "exclude_modules": EXCLUDED[0]}]
cases += [{"target_modules": NAMES, **layers} for layers in LAYERS]
cases += [{"target_modules": [*NAMES, "lm_head"], "modules_to_save": saved} for saved in SAVED]
cases += [{"target_modules": TARGETS[0], "modules_to_save": ["score"]}]
out = {
    "made_by": f"peft {peft.__version__}, Python {sys.version.split()[0]}",
    "modules": MODULES,
    "cases": [{"config": case, "loaded": modules(**case)} for case in cases],
}
Path(__file__).with_name("expressions.json").write_text(json.dumps(out, indent=1) + "\n")
