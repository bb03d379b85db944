"""Asks transformers which tensors it reads from folders whose index and files disagree.

    python zoo/reference/safetensors/shards.py

Writes shards.json: for each folder the tensors of each file with their one value, the index, and what transformers
loaded into a model with the parameters a, b and c, or null where it refuses the folder. A parameter that no file gives
is absent.
"""

import json
import sys
import tempfile
from pathlib import Path

import safetensors
import torch
import transformers
from safetensors.torch import save_file
from transformers import PreTrainedConfig, PreTrainedModel

here = Path(__file__).parent
one, two = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
single = "model.safetensors"


class TinyConfig(PreTrainedConfig):
    model_type = "tiny-of-the-test"


class Tiny(PreTrainedModel):
    config_class = TinyConfig

    def __init__(self, config):
        super().__init__(config)
        for name in "abc":
            setattr(self, name, torch.nn.Parameter(torch.full((1,), -1.0)))
        self.post_init()

    def _init_weights(self, module):
        pass


shards = {one: {"a": 1, "b": 2}, two: {"c": 3}}
whole = {"a": one, "b": one, "c": two}
cases = [
    ("index and shards agree", shards, whole),
    ("a tensor that the index does not list", shards, {"a": one, "c": two}),
    ("an entry that no shard has", shards, {**whole, "mtp.fc.weight": two}),
    ("an entry of the model that no shard has", {one: {"a": 1}, two: {"c": 3}}, whole),
    ("a tensor in another shard", shards, {**whole, "b": two}),
    ("a tensor in both shards", {one: {"a": 1, "b": 2}, two: {"c": 3, "b": 9}}, whole),
    ("a shard that is not there", {one: {"a": 1, "b": 2}}, whole),
    ("a shard that the index does not name", {**shards, "model-00003-of-00003.safetensors": {"a": 7}}, whole),
    ("shards without an index", shards, None),
    ("one file and an index", {single: {"a": 4, "b": 5, "c": 6}, **shards}, whole),
    ("one file and shards without an index", {single: {"a": 4, "b": 5, "c": 6}, **shards}, None),
    ("one file under another name", {"weights.safetensors": {"a": 4, "b": 5, "c": 6}}, None),
]

rows = []
for name, files, index in cases:
    with tempfile.TemporaryDirectory() as folder:
        TinyConfig().save_pretrained(folder)
        for file, tensors in files.items():
            save_file(
                {key: torch.full((1,), float(value)) for key, value in tensors.items()},
                f"{folder}/{file}",
                {"format": "pt"},
            )
        if index is not None:
            (Path(folder) / "model.safetensors.index.json").write_text(
                json.dumps({"metadata": {}, "weight_map": index})
            )
        try:
            model = Tiny.from_pretrained(folder)
            read = {key: value.item() for key, value in model.named_parameters() if value.item() > 0}
        except Exception as error:
            print(f"{name}: {type(error).__name__} {str(error)[:160]}")
            read = None
    rows.append({"name": name, "files": files, "index": index, "read": read})

written_by = {
    "python": sys.version.split()[0],
    "transformers": transformers.__version__,
    "safetensors": safetensors.__version__,
}
(here / "shards.json").write_text(json.dumps({"writtenBy": written_by, "cases": rows}, indent=1) + "\n")
