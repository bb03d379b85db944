"""Singular values of what each adapter changes, by numpy: of (alpha/r) B A in float64, never of (W + BA) - W.

    python -m zoo.reference.adapter.spectra

Reads the folders that make.py wrote and writes spectra.json: `{ made_by, spectra: { "<adapter>/<tensor>": [the first min(r, m, n) of them] } }`.
"""

import json
import re
from pathlib import Path

import numpy
from safetensors.torch import load_file

here = Path(__file__).parent


def scale(settings: dict, module: str, rank: int) -> float:
    """As peft's LoraLayer: alpha by the first pattern that ends the module's name, over r or its root."""
    alpha = settings["lora_alpha"]
    for pattern, value in settings["alpha_pattern"].items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = value
            break
    return alpha / (rank**0.5 if settings["use_rslora"] else rank)


def main():
    spectra = {}
    for name in ("plain", "rslora", "patterns"):
        settings = json.loads((here / name / "adapter_config.json").read_text())
        weights = load_file(here / name / "adapter_model.safetensors")
        for key in sorted(weights):
            match = re.fullmatch(r"base_model\.model\.(.+)\.lora_A\.weight", key)
            if not match:
                continue
            a, b = (weights[each].double().numpy() for each in (key, key.replace("lora_A", "lora_B")))
            values = numpy.linalg.svd(scale(settings, match[1], len(a)) * (b @ a), compute_uv=False)
            spectra[f"{name}/{match[1]}.weight"] = values[: min(len(a), *b.shape[:1], a.shape[1])].tolist()
    made = json.dumps({"made_by": {"numpy": numpy.__version__}, "spectra": spectra}, indent=1)
    (here / "spectra.json").write_text(re.sub(r"\s+(?=[\d\]])", " ", made) + "\n")


if __name__ == "__main__":
    main()
