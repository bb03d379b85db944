"""Merge methods of the command line on a tiny trio, computed by mergekit and by numpy.

    python -m zoo.reference.methods.make          (with mergekit installed)

- base/, vlm/, lrm/: a tiny Llama and two that differ from it, float32. The "VLM" is a text model: nothing here looks at images.
- expected.safetensors: `<method>/<tensor>` for the linear layers, float32. ties, slerp, br2v (as linear) and task-arithmetic by mergekit's own
  run_merge; dare and dare-l1 by mergekit's rescaling of a mask that is drawn here as the studio draws it; della by
  mergekit's della_magprune, given the studio's random numbers; top-k, above-noise, iso-c, selective-rl-direct,
  selective-rl-headline and layer-wise by numpy's SVD (LAPACK) in float64.

Settings of each stand in `settings` below and in the file's metadata.
"""

import json
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge
from mergekit.sparsify import RescaleNorm, della_magprune, rescaled_masked_tensor
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

here = Path(__file__).parent
settings = {
    "task-arithmetic": {"lambda": 0.7},
    "ties": {"density": 0.3, "lambda": 0.9, "vlm-weight": 1.0, "lrm-weight": 0.5},
    "slerp": {"t": 0.3},
    "br2v": {"alpha": 0.8},
    "dare": {"density": 0.4, "lambda": 0.6, "seed": 7},
    "dare-l1": {"density": 0.4, "lambda": 0.6, "seed": 7},
    "della": {"density": 0.4, "epsilon": 0.3, "lambda": 0.6, "seed": 7},
    "top-k": {"k": 3, "lambda": 0.8},
    "top-share": {"share": 0.5, "lambda": 0.8},
    "above-noise": {"lambda": 1.0},
    "iso-c": {"lambda": 0.5},
    "selective-rl-direct": {"k": 2, "lambda": 0.4},
    "selective-rl-headline": {"lambda": 0.3},
    "layer-wise": {"first": 0.2, "last": 1.0, "lambda": 0.5},
}


def make_trio():
    torch.manual_seed(5)
    config = LlamaConfig(
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=24,
        max_position_embeddings=64,
        tie_word_embeddings=True,
    )
    base = LlamaForCausalLM(config)
    base.save_pretrained(here / "base")
    for name, size, rank in (("vlm", 0.01, 4), ("lrm", 0.02, 3)):
        tuned = LlamaForCausalLM(config)
        tuned.load_state_dict(base.state_dict())
        with torch.no_grad():
            for parameter in tuned.parameters():
                if parameter.dim() == 2:
                    rows, columns = parameter.shape
                    # A few strong directions over noise, so that the spectrum has an edge.
                    parameter += size * (
                        torch.randn(rows, rank) @ torch.randn(rank, columns)
                    ) + 0.2 * size * torch.randn_like(parameter)
                else:
                    parameter += size * torch.randn_like(parameter)
        tuned.save_pretrained(here / name)


def by_mergekit(config):
    out = Path(tempfile.mkdtemp())
    run_merge(
        MergeConfiguration.model_validate({**config, "dtype": "float32"}),
        str(out),
        MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True),
    )
    merged = load_file(out / "model.safetensors")
    shutil.rmtree(out)
    return merged


def mix(x):
    h = np.asarray(x, np.uint32).copy()
    with np.errstate(over="ignore"):
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def hashes(seed, name, shape):
    h = np.uint32(0x811C9DC5)
    with np.errstate(over="ignore"):
        for byte in name.encode():
            h = np.uint32(h ^ np.uint32(byte)) * np.uint32(0x01000193)
    start = mix(np.uint32(seed) ^ h)
    index = np.arange(np.prod(shape), dtype=np.uint32)
    return mix(mix(index ^ start)).reshape(shape)


def kept(seed, name, density, shape):
    return hashes(seed, name, shape) < density * 2**32


def uniform(seed, name, shape):
    """In [0, 1), float64."""
    return torch.from_numpy(hashes(seed, name, tuple(shape)) / 2**32)


def noise_edge(s, rows, columns):
    """Marchenko-Pastur edge by the median (Gavish and Donoho, 2014); the median of the law by integration."""
    beta = min(rows, columns) / max(rows, columns)
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    x = np.linspace(low, high, 2_000_001)[1:-1]
    density = np.sqrt((high - x) * (x - low)) / (2 * np.pi * beta * x)
    median = x[np.searchsorted(np.cumsum(density) / density.sum(), 0.5)]
    return np.median(s) / np.sqrt(max(rows, columns) * median) * (np.sqrt(rows) + np.sqrt(columns))


def gates_of(method, s, shape, layer, layers):
    rank, chosen = len(s), settings[method]
    index = np.arange(rank)
    if method == "top-k":
        return (index < chosen["k"]).astype(float)
    if method == "top-share":
        return (index < round(chosen["share"] * rank)).astype(float)
    if method == "above-noise":
        return (s > noise_edge(s, *shape)).astype(float)
    if method == "iso-c":
        # The studio cuts gates at 1024 and says so; one of these matrices has a direction weak enough.
        return np.minimum(s.mean() / s, 1024)
    if method == "selective-rl-direct":
        return np.where(index < chosen["k"], np.sqrt((s**2).sum() / (s[: chosen["k"]] ** 2).sum()), 0)
    if method == "layer-wise":
        return np.full(rank, chosen["first"] + (chosen["last"] - chosen["first"]) * layer / (layers - 1))
    raise ValueError(method)


def main():
    make_trio()
    models = {role: load_file(here / role / "model.safetensors") for role in ("base", "vlm", "lrm")}
    names = [name for name in models["vlm"] if name.endswith("_proj.weight")]
    base, vlm, lrm = (str(here / role) for role in ("base", "vlm", "lrm"))
    expected = {}

    chosen = settings["ties"]
    weighted = [(vlm, chosen["vlm-weight"]), (lrm, chosen["lrm-weight"])]
    runs = {
        # The VLM's own difference whole, as W_v + λτ.
        "task-arithmetic": {
            "merge_method": "task_arithmetic",
            "base_model": base,
            "models": [
                {"model": vlm, "parameters": {"weight": 1.0}},
                {"model": lrm, "parameters": {"weight": settings["task-arithmetic"]["lambda"]}},
            ],
        },
        "ties": {
            "merge_method": "ties",
            "base_model": base,
            "models": [
                {"model": path, "parameters": {"weight": weight, "density": chosen["density"]}}
                for path, weight in weighted
            ],
            "parameters": {"normalize": True, "lambda": chosen["lambda"]},
        },
        "slerp": {
            "merge_method": "slerp",
            "base_model": vlm,
            "models": [{"model": vlm}, {"model": lrm}],
            "parameters": {"t": settings["slerp"]["t"]},
        },
        "br2v": {
            "merge_method": "linear",
            "models": [
                {"model": vlm, "parameters": {"weight": settings["br2v"]["alpha"]}},
                {"model": lrm, "parameters": {"weight": 1 - settings["br2v"]["alpha"]}},
            ],
        },
    }
    for method, config in runs.items():
        merged = by_mergekit(config)
        expected.update({f"{method}/{name}": merged[name].float().contiguous() for name in names})

    layers = 1 + max(int(name.split(".")[2]) for name in names)
    for name in names:
        tau = models["lrm"][name] - models["base"][name]
        for method in ("dare", "dare-l1"):
            chosen = settings[method]
            mask = torch.from_numpy(kept(chosen["seed"], name, chosen["density"], tuple(tau.shape))).float()
            dropped = (
                rescaled_masked_tensor(tau, mask, RescaleNorm.l1)
                if method == "dare-l1"
                else tau * mask / chosen["density"]
            )
            expected[f"{method}/{name}"] = models["vlm"][name] + chosen["lambda"] * dropped
        chosen = settings["della"]
        drawn = uniform(chosen["seed"], name, tau.shape)
        # mergekit's own function, with the studio's random numbers in the place of torch's.
        with patch.object(
            torch, "bernoulli", lambda probabilities, drawn=drawn: drawn < probabilities.double()
        ):
            pruned = della_magprune(tau, chosen["density"], chosen["epsilon"], RescaleNorm.l1)
        expected[f"della/{name}"] = models["vlm"][name] + chosen["lambda"] * pruned
        u, s, vt = np.linalg.svd(tau.double().numpy(), full_matrices=False)
        for method in ("top-k", "top-share", "above-noise", "iso-c", "selective-rl-direct", "layer-wise"):
            gates = gates_of(method, s, tau.shape, int(name.split(".")[2]), layers)
            delta = (u * (gates * s)) @ vt
            expected[f"{method}/{name}"] = (
                models["vlm"][name].double() + settings[method]["lambda"] * torch.from_numpy(delta)
            ).float()
        # Towards the base, and the strongest direction with the norm of the whole change.
        scale = settings["selective-rl-headline"]["lambda"]
        own, origin = models["vlm"][name].double().numpy(), models["base"][name].double().numpy()
        strongest = np.sqrt((s**2).sum()) * np.outer(u[:, 0], vt[0])
        expected[f"selective-rl-headline/{name}"] = torch.from_numpy(
            own + scale * (origin - own) + scale * strongest
        ).float()
    made_by = {package: version(package) for package in ("mergekit", "torch", "numpy", "transformers")}
    save_file(
        expected,
        here / "expected.safetensors",
        metadata={"made_by": json.dumps(made_by), "settings": json.dumps(settings)},
    )


if __name__ == "__main__":
    main()
